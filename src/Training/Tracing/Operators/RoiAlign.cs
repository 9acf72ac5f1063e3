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
        var (count, channels) = (boxes.shape[0], levels[0].Map.shape[1]);
        var rows = Rows(levels);
        if (count == 0)
            return rows[..0].reshape(0, channels, size, size).MoveToOuterDisposeScope();

        var maps = levels.Select(one => new RoiMap(one.Map.shape[0], one.Map.shape[2], one.Map.shape[3], one.Stride)).ToList();
        var (index, weights, starts) = boxes.device_type == TorchSharp.DeviceType.CPU
            ? RoiTaps.Of(maps, boxes, images, level, size, sampling, aligned)
            : RoiTapTensors.Of(maps, boxes, images, level, size, sampling, aligned);
        return RowSums.Weighted(rows, index, weights, starts)
            .view(count, size, size, channels).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }

    // [sum of B h w, C]: map after map, image after image. One copy, as what is joined are views.
    private static Tensor Rows(IReadOnlyList<(Tensor Map, int Stride)> levels)
        => cat([.. levels.SelectMany(one => one.Map.unbind(0)).Select(map => map.flatten(1).t())]);

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
}
