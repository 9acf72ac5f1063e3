using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>The anchors of feature maps: level by level, in each row by row, cell by cell, and in each cell in the order of the <see cref="AnchorSpec"/>.</summary>
public static class AnchorGrid
{
    /// <summary>Anchors of all levels.</summary>
    /// <param name="spec">The anchors of a cell.</param>
    /// <param name="levels">Stride, height and width of each map, finest first.</param>
    /// <param name="device">Where the tensor goes.</param>
    /// <param name="wholePixels">Whether the anchors are Detectron's, of whole pixels.</param>
    /// <returns>[N, 4] float32 xyxy, input pixels; not clipped. Moved to the caller's dispose scope.</returns>
    public static Tensor Of(AnchorSpec spec, IReadOnlyList<(int Stride, long Height, long Width)> levels, Device device, bool wholePixels = false)
    {
        using var scope = NewDisposeScope();
        Tensor[] parts =
        [
            .. levels.Select((level, index) => Grid(
                spec, index, level.Stride, wholePixels,
                new(arange(level.Width, dtype: int64, device: device)), new(arange(level.Height, dtype: int64, device: device))).Value),
        ];
        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>Anchors of one level, whose size stays dynamic. Traced.</summary>
    /// <param name="spec">The anchors of a cell.</param>
    /// <param name="level">0 for the finest level, and so on.</param>
    /// <param name="map">[B, C, h, w]; only its size counts.</param>
    /// <param name="stride">Input pixels between two cells.</param>
    /// <param name="wholePixels">Whether the anchors are Detectron's, of whole pixels.</param>
    /// <returns>[h w A, 4] float32 xyxy, input pixels.</returns>
    public static TracedTensor Of(AnchorSpec spec, int level, TracedTensor map, int stride, bool wholePixels = false)
        => Grid(spec, level, stride, wholePixels, map.Iota(3), map.Iota(2));

    private static TracedTensor Grid(AnchorSpec spec, int level, int stride, bool wholePixels, TracedTensor columns, TracedTensor rows)
    {
        var device = columns.Value.device;
        var corners = wholePixels ? spec.WholePixelAnchors(level, stride) : spec.BaseAnchors(level);
        var offset = wholePixels ? 0 : spec.Offset * stride;
        var values = corners.SelectMany(corner => corner).Select(value => (float)(value + offset)).ToArray();
        var anchors = new TracedTensor(tensor(values, [1, 1, corners.Count, 4], device: device));
        var (x, y) = (columns.Cast(float32) * stride, rows.Cast(float32) * stride);
        return (x.Reshape(1, -1, 1, 1) * Axis(1, 0) + y.Reshape(-1, 1, 1, 1) * Axis(0, 1) + anchors).Reshape(-1, 4); // [h, w, A, 4] before

        TracedTensor Axis(float x, float y) => new(tensor(new[] { x, y, x, y }, device: device));
    }
}
