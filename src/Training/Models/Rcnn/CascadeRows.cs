using Serve.Training.Boxes;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>What the boxes of one stage of a cascade are to the next.</summary>
internal static class CascadeRows
{
    /// <summary>
    /// The same rows with moved boxes, and labels at the next stage's threshold. Rows are not taken out but no longer count where a box is empty or, if wanted, where it
    /// was a ground truth or equal to one before it was moved. Without gradient.
    /// </summary>
    /// <param name="rows">The stage's rows.</param>
    /// <param name="boxes">[B, S, 4] xyxy: where the stage moved them.</param>
    /// <param name="targets">Ground truth.</param>
    /// <param name="threshold">Smallest IoU of an object in the next stage.</param>
    /// <param name="removeTruth">Whether ground truths no longer count.</param>
    /// <param name="background">Label of the background.</param>
    /// <returns>Moved to the caller's dispose scope.</returns>
    public static RoiSamples Next(RoiSamples rows, Tensor boxes, PaddedTargets targets, double threshold, bool removeTruth, long background)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var moved = Clipped(boxes.detach(), targets.Sizes);
        var valid = rows.Valid.logical_and((moved[.., .., 2..] - moved[.., .., ..2]).gt(0).all(2));
        if (removeTruth)
            valid = valid.logical_and(rows.FromTruth.logical_or(rows.Iou.ge(1)).logical_not());
        var matches = new AnchorMatcher(threshold, threshold, lowQuality: false).Match(moved, targets);
        var positive = matches.Labels.eq(1).logical_and(valid);
        return new RoiSamples(
            moved,
            where(positive, targets.Labels.gather(1, matches.Owner), background),
            matches.Owner,
            positive,
            valid,
            zeros_like(valid),
            matches.Iou).MoveToOuterDisposeScope();
    }

    private static Tensor Clipped(Tensor boxes, Tensor sizes) => boxes.clamp(min: 0).minimum(cat([sizes, sizes], 1).unsqueeze(1));
}
