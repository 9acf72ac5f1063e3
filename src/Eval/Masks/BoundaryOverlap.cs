using System.Collections.Concurrent;
using Serve.Eval.Metrics;

namespace Serve.Eval.Masks;

/// <summary>
/// The overlap of masks under Boundary IoU: the smaller of the masks' and of their boundary regions' intersection over union. With a crowd,
/// that of the masks alone.
/// </summary>
/// <remarks>
/// Cheng, Girshick, Dollár, Berg, Kirillov, "Boundary IoU: Improving Object-Centric Image Segmentation Evaluation", CVPR 2021, as their
/// published evaluation does it.
/// </remarks>
/// <param name="masks">The masks.</param>
/// <param name="dilationRatio">How far the boundary region reaches, as a share of the image's diagonal; 0.02 in the paper.</param>
internal sealed class BoundaryOverlap(GroupMasks masks, double dilationRatio) : IOverlap
{
    private readonly ConcurrentBag<Desk> desks = [];

    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        if (!desks.TryTake(out var desk))
            desk = new();
        while (desk.Targets.Count < group.GroundTruthCount)
            desk.Targets.Add((new(), new()));
        for (var g = 0; g < group.GroundTruthCount; g++)
        {
            var (mask, boundary) = desk.Targets[g];
            masks.DrawGroundTruth(group.GroundTruthStart + g, group.Image, desk.Rasteriser, mask.Mask);
            mask.Prepare();
            if (masks.IsCrowd[group.GroundTruthStart + g])
                continue;
            desk.Boundary.Find(mask.Mask, dilationRatio, boundary.Mask);
            boundary.Prepare();
        }
        for (var d = 0; d < group.DetectionCount; d++)
        {
            masks.DrawDetection(group.DetectionStart + d, group.Image, desk.Rasteriser, desk.Detection);
            Compare(desk, masks.IsCrowd.AsSpan(group.GroundTruthStart, group.GroundTruthCount), overlaps.Slice(d * group.GroundTruthCount, group.GroundTruthCount));
        }
        desks.Add(desk);
    }

    private void Compare(Desk desk, ReadOnlySpan<bool> isCrowd, Span<double> overlaps)
    {
        var area = desk.Detection.Area;
        long boundaryArea = -1;
        for (var g = 0; g < overlaps.Length; g++)
        {
            var (mask, boundary) = desk.Targets[g];
            overlaps[g] = mask.Overlap(desk.Detection, area, isCrowd[g]);
            // Boundaries of masks that have nothing in common have neither.
            if (isCrowd[g] || overlaps[g] <= 0)
                continue;
            if (boundaryArea < 0)
            {
                desk.Boundary.Find(desk.Detection, dilationRatio, desk.DetectionBoundary);
                boundaryArea = desk.DetectionBoundary.Area;
            }
            overlaps[g] = Math.Min(overlaps[g], boundary.Overlap(desk.DetectionBoundary, boundaryArea, isCrowd: false));
        }
    }

    /// <summary>What one thread works with.</summary>
    private sealed class Desk
    {
        public MaskRasteriser Rasteriser { get; } = new();

        public MaskBoundary Boundary { get; } = new();

        public List<(MaskTarget Mask, MaskTarget Boundary)> Targets { get; } = [];

        public RunLengths Detection { get; } = new();

        public RunLengths DetectionBoundary { get; } = new();
    }
}
