using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>Decides by IoU which boxes are objects and which are background.</summary>
/// <remarks>
/// Ren et al., "Faster R-CNN", 2015, section 3.1.2: a box is an object where its best IoU reaches <paramref name="positive"/> and background where it is below
/// <paramref name="negative"/>. With <paramref name="lowQuality"/>, so are all boxes that no other box beats for some ground truth, however low that is above 0;
/// they keep the ground truth that is best for themselves, as published programs do. Crowd regions take no part. Letters: B images, G ground truths, N boxes.
/// </remarks>
/// <param name="positive">Smallest IoU of an object.</param>
/// <param name="negative">IoU below which a box is background; at most <paramref name="positive"/>.</param>
/// <param name="lowQuality">Whether each ground truth has its best boxes.</param>
public sealed class AnchorMatcher(double positive, double negative, bool lowQuality)
{
    // All pairs of a large picture at once would be hundreds of megabytes.
    private const int BoxesAtOnce = 65536;

    /// <summary>Matches boxes with the ground truth.</summary>
    /// <param name="boxes">[N, 4] the same for all images, or [B, N, 4]; xyxy.</param>
    /// <param name="targets">Ground truth in the same pixels.</param>
    /// <returns>Moved to the caller's dispose scope, without gradient.</returns>
    public AnchorMatches Match(Tensor boxes, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var all = boxes.dim() == 2 ? boxes.unsqueeze(0) : boxes;                            // [1 or B, N, 4]
        var parts = all.shape[1] <= BoxesAtOnce ? [all] : all.split(BoxesAtOnce, 1);
        var pairs = parts.Length == 1 ? Pairs(all, targets) : null;                         // [B, G, N]
        var best = parts.Select(part => BestTruth(pairs, part, targets)).ToList();
        var iou = cat([.. best.Select(part => part.Iou)], 1);                               // [B, N], -1 in an image without ground truth
        var labels = where(iou.ge(positive), 1L, where(iou.lt(negative), 0L, -1L));
        if (lowQuality)
        {
            var largest = cat([.. parts.Select(part => BestBox(pairs, part, targets))], 2).amax([2]);   // [B, G]
            labels = where(cat([.. parts.Select(part => IsBest(pairs, part, targets, largest))], 1), 1L, labels);
        }

        return new AnchorMatches(labels.to_type(int8), cat([.. best.Select(part => part.Owner)], 1), iou.clamp(min: 0)).MoveToOuterDisposeScope();
    }

    private static (Tensor Iou, Tensor Owner) BestTruth(Tensor? pairs, Tensor boxes, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        var (iou, owner) = (pairs ?? Pairs(boxes, targets)).max(1);
        return (iou.MoveToOuterDisposeScope(), owner.MoveToOuterDisposeScope());
    }

    private static Tensor BestBox(Tensor? pairs, Tensor boxes, PaddedTargets targets) // [B, G, 1]
    {
        using var scope = NewDisposeScope();
        return (pairs ?? Pairs(boxes, targets)).amax([2], keepdim: true).MoveToOuterDisposeScope();
    }

    private static Tensor IsBest(Tensor? pairs, Tensor boxes, PaddedTargets targets, Tensor largest) // [B, n]
    {
        using var scope = NewDisposeScope();
        var wanted = where(largest.gt(0), largest, 2f).unsqueeze(2);                        // [B, G, 1]; no IoU is 2
        return (pairs ?? Pairs(boxes, targets)).eq(wanted).any(1).MoveToOuterDisposeScope();
    }

    private static Tensor Pairs(Tensor boxes, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        return BoxOverlap.Iou(targets.Boxes, boxes).masked_fill_(targets.Valid.logical_not().unsqueeze(2), -1).MoveToOuterDisposeScope();
    }
}
