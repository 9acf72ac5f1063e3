using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Voc;

/// <summary>Intersection over union of boxes as the VOC development kit computes it, from corners. Every step in its order, so that the result is the same double.</summary>
/// <param name="detections">Detections, by row.</param>
/// <param name="detectionRows">Row of each detection position.</param>
/// <param name="groundTruths">Boxes of ground truths, by row.</param>
/// <param name="groundTruthRows">Row of each ground truth position.</param>
/// <param name="inclusivePixels">Whether a box holds the pixels of its right and bottom edge.</param>
internal sealed class CornerOverlap(DetectionTable detections, int[] detectionRows, BoxColumns groundTruths, int[] groundTruthRows, bool inclusivePixels) : IOverlap
{
    private readonly double edge = inclusivePixels ? 1 : 0;

    /// <summary>Area of a detection's box by its row, square pixels; 0 where a side is negative.</summary>
    public double AreaOfDetection(int row) => AreaOf(detections.Width[row], detections.Height[row]);

    /// <summary>Area of a ground truth's box by its row, square pixels; 0 where a side is negative.</summary>
    public double AreaOfGroundTruth(int row) => AreaOf(groundTruths.Width[row], groundTruths.Height[row]);

    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        var at = 0;
        foreach (var d in detectionRows.AsSpan(group.DetectionStart, group.DetectionCount))
        {
            var found = Box.FromCocoXywh(detections.X[d], detections.Y[d], detections.Width[d], detections.Height[d]);
            foreach (var g in groundTruthRows.AsSpan(group.GroundTruthStart, group.GroundTruthCount))
                overlaps[at++] = Overlap(found, Box.FromCocoXywh(groundTruths.X[g], groundTruths.Y[g], groundTruths.Width[g], groundTruths.Height[g]));
        }
    }

    private double Overlap(Box found, Box wanted)
    {
        var width = Math.Min(found.X2, wanted.X2) - Math.Max(found.X1, wanted.X1) + edge;
        var height = Math.Min(found.Y2, wanted.Y2) - Math.Max(found.Y1, wanted.Y1) + edge;
        return width > 0 && height > 0 ? width * height / (AreaOf(found) + AreaOf(wanted) - (width * height)) : 0;
    }

    private double AreaOf(Box box) => (box.Width + edge) * (box.Height + edge);

    private double AreaOf(double width, double height) => Math.Max(0, width + edge) * Math.Max(0, height + edge);
}
