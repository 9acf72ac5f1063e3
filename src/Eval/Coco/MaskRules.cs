using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>What mask evaluation asks of its input.</summary>
internal static class MaskRules
{
    /// <summary>How alike masks are.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections.</param>
    /// <param name="dilationRatio">For boundary IoU; null for IoU of whole masks.</param>
    /// <param name="rows">What takes part.</param>
    /// <param name="imageIds">Evaluated images, in the order of the groups' image indices.</param>
    /// <param name="isCrowd">Crowds, by position.</param>
    /// <exception cref="InvalidInputException">A ground truth or detection that takes part has no mask.</exception>
    public static IOverlap Overlap(
        Dataset dataset, DetectionTable detections, double? dilationRatio, GroupedRows rows, long[] imageIds, bool[] isCrowd)
    {
        var wanted = dataset.Segmentations ?? (rows.GroundTruths.Length == 0 ? new() : throw Missing("annotations"));
        var found = detections.Segmentations ?? (rows.Detections.Length == 0 ? new() : throw Missing("detections"));
        foreach (var row in rows.GroundTruths)
        {
            if (wanted.KindOf(row) is SegmentationKind.None)
                throw new InvalidInputException($"annotation id {dataset.GroundTruths[row].Id} has no segmentation; evaluation of masks needs one.");
        }
        foreach (var row in rows.Detections)
        {
            if (found.KindOf(row) is SegmentationKind.None)
                throw new InvalidInputException($"detection #{row + 1} has no segmentation; evaluation of masks needs one.");
        }
        throw new NotImplementedException();
    }

    private static InvalidInputException Missing(string what) => new($"the {what} have no masks; evaluation of masks needs them.");
}
