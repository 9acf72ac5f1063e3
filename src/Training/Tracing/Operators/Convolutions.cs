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

        tracer.Count(OperationCount.OfMultiplyAdds(value.numel() * weight.shape[1] * weight.shape[2] * weight.shape[3]));
        string[] inputs = bias is null
            ? [tracer.NameOf(x), tracer.Constant(weight)]
            : [tracer.NameOf(x), tracer.Constant(weight), tracer.Constant(bias)];
        return tracer.Wrap(value, tracer.Add(
            "Conv", inputs,
            Attributes.Of("kernel_shape", weight.shape[2], weight.shape[3]),
            Attributes.Of("strides", stride, stride),
            Attributes.Of("pads", padding, padding, padding, padding)));
    }

    /// <summary>The convolution's transpose: each cell adds its weighted window to the larger map.</summary>
    /// <param name="x">[B, C, h, w].</param>
    /// <param name="weight">[C, D, k, k].</param>
    /// <param name="bias">[D], or null.</param>
    /// <param name="stride">Cells of the result between the windows of neighbours.</param>
    /// <returns>[B, D, (h - 1) stride + k, the same of w].</returns>
    public static TracedTensor ConvTranspose(this TracedTensor x, Tensor weight, Tensor? bias, int stride)
    {
        var value = nn.functional.conv_transpose2d(x.Value, weight, bias, strides: [stride, stride]);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        tracer.Count(OperationCount.OfMultiplyAdds(x.Value.numel() * weight.shape[1] * weight.shape[2] * weight.shape[3]));
        string[] inputs = bias is null
            ? [tracer.NameOf(x), tracer.Constant(weight)]
            : [tracer.NameOf(x), tracer.Constant(weight), tracer.Constant(bias)];
        return tracer.Wrap(value, tracer.Add(
            "ConvTranspose", inputs, Attributes.Of("kernel_shape", weight.shape[2], weight.shape[3]), Attributes.Of("strides", stride, stride)));
    }
}
