using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>What <see cref="RoiTaps"/> gives, computed where the boxes are: an accelerator is asked for one number at most, the samples of the largest bin.</summary>
/// <remarks>All lists are as long as the longest one, so that many places have the weight 0. Letters: S boxes, L maps, T places along an axis.</remarks>
internal static class RoiTapTensors
{
    /// <summary>The rows of each bin and their weights.</summary>
    /// <param name="maps">The L maps.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64.</param>
    /// <param name="level">[S] int64.</param>
    /// <param name="size">Bins along an axis.</param>
    /// <param name="sampling">Samples along an axis of a bin; 0 takes as many as the bin has cells, rounded up.</param>
    /// <param name="aligned">The convention of <see cref="RoiAlign"/>.</param>
    /// <returns>Rows [S size size, T T] int64 and weights of the same shape.</returns>
    public static (Tensor Index, Tensor Weights, Tensor? Starts) Of(
        IReadOnlyList<RoiMap> maps, Tensor boxes, Tensor images, Tensor level, int size, int sampling, bool aligned)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var count = boxes.shape[0];
        var (start, extent, scale) = Levels(maps, boxes.device);
        (start, extent, scale) = (start[level], extent[level], scale[level].unsqueeze(1)); // [S], [S, 2] h w, [S, 1]
        var corners = boxes.to(float32) * scale - (aligned ? 0.5 : 0);
        var y = Axis(corners.select(1, 1), corners.select(1, 3), extent.select(1, 0), size, sampling, aligned);
        var x = Axis(corners.select(1, 0), corners.select(1, 2), extent.select(1, 1), size, sampling, aligned);

        // [S, bins y, bins x, T y, T x]
        var width = extent.select(1, 1);
        var first = start + images * extent.select(1, 0) * width;
        var index = (y.Cells * width.view(-1, 1, 1) + first.view(-1, 1, 1)).view(count, size, 1, -1, 1) + x.Cells.view(count, 1, size, 1, -1);
        var weights = y.Weights.view(count, size, 1, -1, 1) * x.Weights.view(count, 1, size, 1, -1);
        return (
            index.view(count * size * size, -1).MoveToOuterDisposeScope(),
            weights.view(count * size * size, -1).MoveToOuterDisposeScope(),
            null);
    }

    // Each level's first row [L], its height and width [L, 2], and its cells to a pixel [L].
    private static (Tensor Start, Tensor Extent, Tensor Scale) Levels(IReadOnlyList<RoiMap> maps, Device device)
    {
        return (
            tensor(RoiMap.Starts(maps), device: device),
            tensor(maps.SelectMany(map => new[] { map.Height, map.Width }).ToArray(), device: device).view(-1, 2),
            tensor(maps.Select(map => 1f / map.Stride).ToArray(), device: device));
    }

    // One axis of all boxes: the cells that a bin's samples touch and the weights of their mean, [S, size, T] each. Single precision and this order of
    // operations, so that the number of samples, and a sample at a border, come out as in ONNX Runtime.
    private static (Tensor Cells, Tensor Weights) Axis(Tensor low, Tensor high, Tensor extent, int size, int sampling, bool aligned)
    {
        var side = high - low;
        if (!aligned)
            side = side.clamp(min: 1);
        var bin = (side / size).view(-1, 1, 1);                                                        // [S, 1, 1]
        var (samples, most) = sampling > 0 ? (full_like(bin, sampling), sampling) : Adaptive(bin);
        var each = arange(most, dtype: float32, device: low.device);                                   // [most]
        var edges = low.view(-1, 1, 1) + arange(size, dtype: float32, device: low.device).view(1, -1, 1) * bin;
        var position = edges + (each + 0.5) * bin / samples.clamp(min: 1);                             // [S, size, most]

        var last = (extent - 1).view(-1, 1, 1);
        var counts = position.ge(-1).logical_and(position.le(extent.view(-1, 1, 1))).logical_and(each.lt(samples));
        var share = counts.to(float32) / samples.clamp(min: 1);
        position = position.clamp(min: 0).minimum(last);
        return sampling > 0 ? Pairs(position, share, last) : Run(position, share, last, samples);
    }

    private static (Tensor Samples, int Most) Adaptive(Tensor bin)
    {
        var samples = bin.ceil().clamp(min: 0);
        return (samples, Math.Max(1, (int)HostRead.Floats(samples.max())[0]));
    }

    // Each sample's two cells.
    private static (Tensor Cells, Tensor Weights) Pairs(Tensor position, Tensor share, Tensor last)
    {
        var cell = Cells(position, last);
        var beyond = position - cell;
        return (
            cat([cell, (cell + 1).minimum(last)], 2),
            cat([(1 - beyond) * share, beyond * share], 2));
    }

    // A bin's samples are at most one cell apart, so that they touch a run of at most one cell more than they are.
    private static (Tensor Cells, Tensor Weights) Run(Tensor position, Tensor share, Tensor last, Tensor samples)
    {
        var first = Cells(position[.., .., ..1], last);                                                // [S, size, 1]
        var place = (Cells(position, last) - first).minimum(samples.to(int64) - 1).clamp(min: 0);      // rounding must not reach beyond the run
        var beyond = position - first - place;
        var most = position.shape[2];
        var weights = zeros([position.shape[0], position.shape[1], most + 1], device: position.device)
            .scatter_add_(2, place, (1 - beyond) * share)
            .scatter_add_(2, place + 1, beyond * share);
        return ((first + arange(most + 1, dtype: int64, device: position.device)).minimum(last), weights);
    }

    // A box that is no number must not lead outside the map.
    private static Tensor Cells(Tensor position, Tensor last) => position.floor().to(int64).clamp(min: 0).minimum(last);
}
