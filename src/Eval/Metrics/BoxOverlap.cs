namespace Serve.Eval.Metrics;

/// <summary>Boxes as columns, COCO xywh in pixels, in the order of the groups.</summary>
internal readonly record struct BoxColumns(double[] X, double[] Y, double[] Width, double[] Height)
{
    /// <summary>Columns of a number of boxes, to be filled.</summary>
    public static BoxColumns Of(int count) => new(new double[count], new double[count], new double[count], new double[count]);
}

/// <summary>
/// Intersection over union of boxes; with a crowd, intersection over the detection's area. Continuous coordinates. Boxes of negative
/// width or height overlap nothing. Every step in the order of the reference, so that the result is the same double.
/// </summary>
internal sealed class BoxOverlap(BoxColumns detections, BoxColumns groundTruths, bool[] isCrowd) : IOverlap
{
    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        var at = 0;
        for (var d = group.DetectionStart; d < group.DetectionStart + group.DetectionCount; d++)
        {
            var (x, y, w, h) = (detections.X[d], detections.Y[d], detections.Width[d], detections.Height[d]);
            var (right, bottom, area) = (w + x, h + y, w * h);
            for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++, at++)
            {
                var (gx, gy, gw, gh) = (groundTruths.X[g], groundTruths.Y[g], groundTruths.Width[g], groundTruths.Height[g]);
                var width = Math.Min(right, gw + gx) - Math.Max(x, gx);
                var height = Math.Min(bottom, gh + gy) - Math.Max(y, gy);
                if (width <= 0 || height <= 0)
                {
                    overlaps[at] = 0;
                    continue;
                }
                var intersection = width * height;
                overlaps[at] = intersection / (isCrowd[g] ? area : area + (gw * gh) - intersection);
            }
        }
    }
}
