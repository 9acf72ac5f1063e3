using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Means of feature maps over the bins of boxes, by bilinear interpolation (RoIAlign).</summary>
/// <remarks>
/// He et al., "Mask R-CNN", ICCV 2017. A box is scaled to the cells of its map and cut into size x size bins; the value of a bin is the mean of samples that
/// lie evenly in it. A sample more than one cell beyond the map is 0, nearer ones take the border's value.
/// Two conventions: aligned, where the centre of cell i is at i + 0.5; and the older one, where it is at i and boxes are at least one cell wide and high.
/// Letters: B images, S boxes, L maps, C channels, T places along an axis.
/// </remarks>
public static class RoiAlign
{
    /// <summary>All boxes from all levels in one weighted sum of rows. Differentiable in the maps, not in the boxes.</summary>
    /// <param name="levels">[B, C, h, w] each, with the input pixels between two cells; float32.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64, 0..B-1.</param>
    /// <param name="level">[S] int64, 0..L-1.</param>
    /// <param name="size">Bins along an axis.</param>
    /// <param name="sampling">Samples along an axis of a bin; 0 takes as many as the bin has cells, rounded up.</param>
    /// <param name="aligned">The convention, see above.</param>
    /// <returns>[S, C, size, size] float32; the caller owns it.</returns>
    public static Tensor Pool(
        IReadOnlyList<(Tensor Map, int Stride)> levels, Tensor boxes, Tensor images, Tensor level, int size, int sampling, bool aligned)
    {
        using var scope = NewDisposeScope();
        var rows = cat([.. levels.Select(one => one.Map.permute(0, 2, 3, 1).reshape(-1, one.Map.shape[1]))]); // [sum of B h w, C]
        var (count, channels) = (boxes.shape[0], rows.shape[1]);
        if (count == 0)
            return rows[..0].reshape(0, channels, size, size).MoveToOuterDisposeScope();

        Tensor index, weights;
        Tensor? starts = null;
        using (no_grad())
        {
            var (start, extent, scale) = Levels(levels, boxes.device);
            (start, extent, scale) = (start[level], extent[level], scale[level].unsqueeze(1)); // [S], [S, 2] h w, [S, 1]
            var corners = boxes.detach().to(float32) * scale - (aligned ? 0.5 : 0);
            var y = Axis(corners.select(1, 1), corners.select(1, 3), extent.select(1, 0), size, sampling, aligned);
            var x = Axis(corners.select(1, 0), corners.select(1, 2), extent.select(1, 1), size, sampling, aligned);

            // [S, bins y, bins x, T y, T x]
            var width = extent.select(1, 1);
            var first = start + images * extent.select(1, 0) * width;
            index = (y.Cells * width.view(-1, 1, 1) + first.view(-1, 1, 1)).view(count, size, 1, -1, 1) + x.Cells.view(count, 1, size, 1, -1);
            weights = y.Weights.view(count, size, 1, -1, 1) * x.Weights.view(count, 1, size, 1, -1);
            (index, weights) = (index.view(count * size * size, -1), weights.view(count * size * size, -1));

            // As many places for each box as the largest one needs: most are empty. Leaving them out costs a look at the numbers, which is free on a processor.
            if (sampling == 0 && boxes.device_type == TorchSharp.DeviceType.CPU)
                (index, weights, starts) = WithoutEmpty(index, weights);
        }

        return RowSums.Weighted(rows, index, weights, starts)
            .view(count, size, size, channels).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The boxes of one level.</summary>
    /// <param name="features">[B, C, h, w] float32.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64, 0..B-1.</param>
    /// <param name="size">Bins along an axis.</param>
    /// <param name="stride">Input pixels between two cells.</param>
    /// <param name="sampling">Samples along an axis of a bin; 0 takes as many as the bin has cells, rounded up.</param>
    /// <param name="aligned">The convention, see above.</param>
    /// <returns>[S, C, size, size].</returns>
    public static TracedTensor Pool(
        TracedTensor features, TracedTensor boxes, TracedTensor images, int size, int stride, int sampling, bool aligned)
        => Tracer.Node(
            "RoiAlign",
            Pool([(features.Value, stride)], boxes.Value, images.Value, zeros_like(images.Value), size, sampling, aligned),
            [features, boxes, images],
            Attributes.Of("output_height", size), Attributes.Of("output_width", size), Attributes.Of("sampling_ratio", sampling),
            Attributes.Of("spatial_scale", 1f / stride), Attributes.Of("mode", "avg"),
            Attributes.Of("coordinate_transformation_mode", aligned ? "half_pixel" : "output_half_pixel"));

    // Each level's first row [L], its height and width [L, 2], and its cells to a pixel [L].
    private static (Tensor Start, Tensor Extent, Tensor Scale) Levels(IReadOnlyList<(Tensor Map, int Stride)> levels, Device device)
    {
        var starts = new long[levels.Count];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + levels[i - 1].Map.shape[0] * levels[i - 1].Map.shape[2] * levels[i - 1].Map.shape[3];
        return (
            tensor(starts, device: device),
            tensor(levels.SelectMany(one => one.Map.shape[2..]).ToArray(), device: device).view(-1, 2),
            tensor(levels.Select(one => 1f / one.Stride).ToArray(), device: device));
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
        return (samples, Math.Max(1, (int)samples.max().item<float>()));
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

    private static (Tensor Index, Tensor Weights, Tensor Starts) WithoutEmpty(Tensor index, Tensor weights)
    {
        var counts = weights.ne(0);                                                                    // [Q, T]
        var ends = counts.sum(1L).cumsum(0);
        return (index.masked_select(counts), weights.masked_select(counts), cat([zeros(1, dtype: int64, device: index.device), ends[..^1]]));
    }
}
