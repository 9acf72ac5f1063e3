using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>Boxes as columns, COCO xywh in pixels, by row.</summary>
internal readonly record struct BoxColumns(double[] X, double[] Y, double[] Width, double[] Height)
{
    /// <summary>The boxes of ground truths.</summary>
    public static BoxColumns Of(IReadOnlyList<GroundTruth> objects)
    {
        var boxes = new BoxColumns(new double[objects.Count], new double[objects.Count], new double[objects.Count], new double[objects.Count]);
        for (var i = 0; i < objects.Count; i++)
        {
            var o = objects[i];
            (boxes.X[i], boxes.Y[i], boxes.Width[i], boxes.Height[i]) = (o.X, o.Y, o.Width, o.Height);
        }
        return boxes;
    }
}

/// <summary>
/// Intersection over union of boxes; with a crowd, intersection over the detection's area. Continuous coordinates. Boxes of negative
/// width or height overlap nothing. Every step in the order of the reference, so that the result is the same double.
/// </summary>
/// <param name="detections">Detections, by row.</param>
/// <param name="detectionRows">Row of each detection position.</param>
/// <param name="groundTruths">Boxes of ground truths, by row.</param>
/// <param name="groundTruthRows">Row of each ground truth position.</param>
/// <param name="isCrowd">Crowds, by position.</param>
internal sealed class BoxOverlap(DetectionTable detections, int[] detectionRows, BoxColumns groundTruths, int[] groundTruthRows, bool[] isCrowd) : IOverlap
{
    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        ReadOnlySpan<double> xs = detections.X, ys = detections.Y, widths = detections.Width, heights = detections.Height;
        var at = 0;
        foreach (var d in detectionRows.AsSpan(group.DetectionStart, group.DetectionCount))
        {
            var (x, y, w, h) = (xs[d], ys[d], widths[d], heights[d]);
            var (right, bottom, area) = (w + x, h + y, w * h);
            for (var position = group.GroundTruthStart; position < group.GroundTruthStart + group.GroundTruthCount; position++, at++)
            {
                var g = groundTruthRows[position];
                var (gx, gy, gw, gh) = (groundTruths.X[g], groundTruths.Y[g], groundTruths.Width[g], groundTruths.Height[g]);
                var width = Math.Min(right, gw + gx) - Math.Max(x, gx);
                var height = Math.Min(bottom, gh + gy) - Math.Max(y, gy);
                if (width <= 0 || height <= 0)
                {
                    overlaps[at] = 0;
                    continue;
                }
                var intersection = width * height;
                overlaps[at] = intersection / (isCrowd[position] ? area : area + (gw * gh) - intersection);
            }
        }
    }
}
