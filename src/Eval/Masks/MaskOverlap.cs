using System.Collections.Concurrent;
using Serve.Eval.Metrics;

namespace Serve.Eval.Masks;

/// <summary>
/// Intersection over union of masks; with a crowd, intersection over the detection's area; -1 for masks of different sizes whose boxes
/// overlap. The same double as the reference's.
/// </summary>
/// <remarks>Each mask of a group is drawn once, when the group comes; nothing is kept but memory to be filled again.</remarks>
internal sealed class MaskOverlap(GroupMasks masks) : IOverlap
{
    private readonly ConcurrentBag<Desk> desks = [];

    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        if (!desks.TryTake(out var desk))
            desk = new();
        while (desk.Targets.Count < group.GroundTruthCount)
            desk.Targets.Add(new());
        for (var g = 0; g < group.GroundTruthCount; g++)
        {
            masks.DrawGroundTruth(group.GroundTruthStart + g, group.Image, desk.Rasteriser, desk.Targets[g].Mask);
            desk.Targets[g].Prepare();
        }
        var isCrowd = masks.IsCrowd.AsSpan(group.GroundTruthStart, group.GroundTruthCount);
        var at = 0;
        for (var d = 0; d < group.DetectionCount; d++)
        {
            masks.DrawDetection(group.DetectionStart + d, group.Image, desk.Rasteriser, desk.Detection);
            var area = desk.Detection.Area;
            for (var g = 0; g < isCrowd.Length; g++)
                overlaps[at++] = desk.Targets[g].Overlap(desk.Detection, area, isCrowd[g]);
        }
        desks.Add(desk);
    }

    /// <summary>What one thread works with.</summary>
    private sealed class Desk
    {
        public MaskRasteriser Rasteriser { get; } = new();

        public List<MaskTarget> Targets { get; } = [];

        public RunLengths Detection { get; } = new();
    }
}
