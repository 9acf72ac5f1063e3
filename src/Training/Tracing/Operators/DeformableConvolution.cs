using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Convolution whose taps are moved by learnt offsets.</summary>
/// <remarks>
/// Dai et al., "Deformable convolutional networks", ICCV 2017: each tap reads the map bilinearly at its place plus an offset; of the four cells around that point,
/// those beyond the map count as zero. No modulation, one group.
/// </remarks>
public static class DeformableConvolution
{
    /// <summary>Cross-correlation at moved places.</summary>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="offsets">[B, 2 k k, h, w] in cells: downwards and to the right for each tap, row by row of the kernel.</param>
    /// <param name="weight">[D, C, k, k].</param>
    /// <param name="stride">Step of the window, both ways.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <returns>[B, D, h, w] with h = (H + 2 padding - k) / stride + 1, the same of w.</returns>
    public static TracedTensor DeformableConv(this TracedTensor x, TracedTensor offsets, Tensor weight, int stride = 1, int padding = 0)
    {
        var value = Convolve(x.Value, offsets.Value, weight, stride, padding);
        if (Tracer.Of(x, offsets) is not { } tracer)
            return new TracedTensor(value);

        tracer.Count(OperationCount.OfMultiplyAdds(value.numel() * weight.shape[1] * weight.shape[2] * weight.shape[3]));
        return tracer.Wrap(value, tracer.Add(
            "DeformConv", [tracer.NameOf(x), tracer.Constant(weight), tracer.NameOf(offsets)],
            Attributes.Of("kernel_shape", weight.shape[2], weight.shape[3]),
            Attributes.Of("strides", stride, stride),
            Attributes.Of("pads", padding, padding, padding, padding)));
    }

    private static Tensor Convolve(Tensor x, Tensor offsets, Tensor weight, int stride, int padding)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (x.shape[2], x.shape[3]);
        var (rows, columns) = (Starts(offsets.shape[2]).view(1, -1, 1), Starts(offsets.shape[3]).view(1, 1, -1));
        var size = weight.shape[2];
        Tensor? sum = null;
        for (var tap = 0L; tap < size * size; tap++)
        {
            var y = offsets.select(1, 2 * tap) + (rows + tap / size);          // [B, h, w]
            var x1 = offsets.select(1, 2 * tap + 1) + (columns + tap % size);

            // grid_sample's coordinates: -1 and 1 are the outer edges of the map, cell i is centred on (2 i + 1) / size - 1.
            var grid = stack([(x1 * 2 + 1) / width - 1, (y * 2 + 1) / height - 1], -1);
            var sampled = nn.functional.grid_sample(x, grid, GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false);
            var part = nn.functional.conv2d(sampled, weight.select(3, tap % size).select(2, tap / size).unsqueeze(-1).unsqueeze(-1));
            sum = sum is null ? part : sum + part;
        }

        return sum!.MoveToOuterDisposeScope();

        Tensor Starts(long count) => arange(count, dtype: float32, device: x.device) * stride - padding;
    }
}
