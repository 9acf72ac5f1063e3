using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators that bring a feature map to the size of another one.</summary>
public static class Resizing
{
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

    /// <summary>Interpolates linearly both ways.</summary>
    /// <param name="x">[B, C, h, w].</param>
    /// <param name="other">[*, *, H, W]; only its size is used.</param>
    /// <param name="alignCorners">Whether the centres of the corner cells are laid upon each other; otherwise the outer edges are.</param>
    /// <returns>[B, C, H, W].</returns>
    public static TracedTensor ResizeTo(this TracedTensor x, TracedTensor other, bool alignCorners)
    {
        var value = nn.functional.interpolate(x.Value, size: other.Value.shape[2..], mode: InterpolationMode.Bilinear, align_corners: alignCorners);
        if (Tracer.Of(x, other) is not { } tracer)
            return new TracedTensor(value);

        var input = tracer.NameOf(x);
        var outer = tracer.Add("Shape", [input], Attributes.Of("start", 0), Attributes.Of("end", 2));
        var size = tracer.Add("Shape", [tracer.NameOf(other)], Attributes.Of("start", 2));
        return tracer.Wrap(value, tracer.Add(
            "Resize", [input, "", "", tracer.Add("Concat", [outer, size], Attributes.Of("axis", 0))],
            Attributes.Of("mode", "linear"), Attributes.Of("coordinate_transformation_mode", alignCorners ? "align_corners" : "half_pixel")));
    }
}
