using Serve.Training.Boxes;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Draws the boxes that the second part of a two-stage detector is trained on.</summary>
internal static class RoiSampling
{
    /// <summary>Rows of each image by themselves: at most a share of objects, the rest background. Ground truths may be among them, so that there are objects from the start.</summary>
    /// <param name="proposals">Boxes to draw from.</param>
    /// <param name="targets">Ground truth.</param>
    /// <param name="options">Numbers and thresholds.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>Moved to the caller's dispose scope, without gradient.</returns>
    public static RoiSamples Draw(ProposalSet proposals, PaddedTargets targets, RcnnOptions options, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var added = options.AppendTruth ? targets.Boxes : targets.Boxes[.., ..0];
        var boxes = cat([proposals.Boxes, added], 1);                                                    // [B, N, 4]
        var isTruth = arange(boxes.shape[1], dtype: int64, device: boxes.device).ge(proposals.Boxes.shape[1]).unsqueeze(0);
        var counts = options.AppendTruth ? cat([proposals.Valid, targets.Valid], 1) : proposals.Valid;   // [B, N]
        if (options.CrowdOverlap > 0)
        {
            var share = BoxOverlap.InsideShare(boxes, targets.Crowds).amax([2]);
            counts = counts.logical_and(share.le(options.CrowdOverlap).logical_or(isTruth));
        }

        var matches = new AnchorMatcher(options.RoiIou, options.RoiIou, lowQuality: false).Match(boxes, targets);
        var rows = new RandomSampler(options.RoiSamples, options.RoiShare).Sample(where(counts, matches.Labels, -1L).to_type(int8), seed).TrimmedOnCpu();
        var owner = matches.Owner.gather(1, rows.Index);                                                 // [B, S]
        return new RoiSamples(
            boxes.gather(1, rows.Index.unsqueeze(2).expand(-1, -1, 4)),
            where(rows.Positive, targets.Labels.gather(1, owner), (long)options.CategoryCount),
            owner,
            rows.Positive,
            rows.Valid,
            isTruth.expand_as(counts).gather(1, rows.Index),
            matches.Iou.gather(1, rows.Index)).MoveToOuterDisposeScope();
    }
}
