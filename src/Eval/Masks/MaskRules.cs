using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Masks;

/// <summary>What mask evaluation asks of its input.</summary>
internal static class MaskRules
{
    /// <summary>How alike masks are. A mask that cannot be drawn is refused when it is compared.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; the mask of one that has none is its box.</param>
    /// <param name="dilationRatio">For boundary IoU; null for IoU of whole masks.</param>
    /// <param name="rows">What takes part.</param>
    /// <param name="imageIds">Evaluated images, in the order of the groups' image indices.</param>
    /// <param name="isCrowd">Crowds, by position.</param>
    /// <exception cref="InvalidInputException">A ground truth that takes part has no mask.</exception>
    public static IOverlap Overlap(
        Dataset dataset, DetectionTable detections, double? dilationRatio, GroupedRows rows, long[] imageIds, bool[] isCrowd)
    {
        foreach (var row in rows.GroundTruths)
        {
            if (dataset.Segmentations is null || dataset.Segmentations.KindOf(row) is SegmentationKind.None)
                throw new InvalidInputException($"annotation id {dataset.GroundTruths[row].Id} has no segmentation; evaluation of masks needs one.");
        }
        var masks = new GroupMasks(dataset, detections, rows, imageIds, isCrowd);
        return dilationRatio is { } ratio ? new BoundaryOverlap(masks, ratio) : new MaskOverlap(masks);
    }
}
