using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators on feature maps [B, C, H, W] with weights or windows.</summary>
public static class Convolutions
{
    /// <summary>Cross-correlation with zero padding.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="weight">[D, C, k, k].</param>
    /// <param name="bias">[D], or null.</param>
    /// <param name="stride">Step of the window, both ways.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <returns>[B, D, (H + 2 padding - k) / stride + 1, the same of W].</returns>
    public static TracedTensor Conv(this TracedTensor x, Tensor weight, Tensor? bias, int stride = 1, int padding = 0)
    {
        var value = nn.functional.conv2d(x.Value, weight, bias, strides: [stride, stride], padding: [padding, padding]);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        tracer.MultiplyAdds += value.numel() * weight.shape[1] * weight.shape[2] * weight.shape[3];
        string[] inputs = bias is null
            ? [tracer.NameOf(x), tracer.Constant(weight)]
            : [tracer.NameOf(x), tracer.Constant(weight), tracer.Constant(bias)];
        return tracer.Wrap(value, tracer.Add(
            "Conv", inputs,
            Attributes.Of("kernel_shape", weight.shape[2], weight.shape[3]),
            Attributes.Of("strides", stride, stride),
            Attributes.Of("pads", padding, padding, padding, padding)));
    }

    /// <summary>Largest value in each window; cells outside the map never win.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="size">Side of the window.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="padding">Cells outside the map on each side.</param>
    public static TracedTensor MaxPool(this TracedTensor x, int size, int stride, int padding = 0)
        => Tracer.Node(
            "MaxPool", nn.functional.max_pool2d(x.Value, size, stride, padding), [x],
            Attributes.Of("kernel_shape", size, size), Attributes.Of("strides", stride, stride), Attributes.Of("pads", padding, padding, padding, padding));

    /// <summary>Repeats each cell twice both ways, and cuts the last row or column where the other map is one shorter.</summary>
    /// <param name="x">[B, C, h, w].</param>
    /// <param name="other">[B, *, H, W] with h = ceil(H / 2), w = ceil(W / 2).</param>
    /// <returns>[B, C, H, W].</returns>
    public static TracedTensor UpsampleTo(this TracedTensor x, TracedTensor other)
    {
        var (height, width) = (other.Value.shape[2], other.Value.shape[3]);
        if ((height + 1) / 2 != x.Value.shape[2] || (width + 1) / 2 != x.Value.shape[3])
            throw new ArgumentException($"other: a map of [{x.Value.shape[2]}, {x.Value.shape[3]}] cells is not half of [{height}, {width}].", nameof(other));

        var value = nn.functional.interpolate(x.Value, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
        if (value.shape[2] != height || value.shape[3] != width)
            value = value[.., .., ..(int)height, ..(int)width];
        if (Tracer.Of(x, other) is not { } tracer)
            return new TracedTensor(value);

        // Whole factors keep the fast path of ONNX Runtime; a Resize to the other's size would use the factor H / h, which differs where H is odd.
        var doubled = tracer.Add(
            "Resize", [tracer.NameOf(x), "", tracer.Constant(tensor(new float[] { 1, 1, 2, 2 }))],
            Attributes.Of("mode", "nearest"), Attributes.Of("coordinate_transformation_mode", "asymmetric"), Attributes.Of("nearest_mode", "floor"));
        var size = tracer.Add("Shape", [tracer.NameOf(other)], Attributes.Of("start", 2));
        return tracer.Wrap(value, tracer.Add("Slice", [doubled, tracer.Constant(0, 0), size, tracer.Constant(2, 3)]));
    }
}
