using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Masks;

/// <summary>The masks behind the positions of an evaluation, drawn one at a time.</summary>
internal sealed class GroupMasks
{
    private readonly Dataset dataset;
    private readonly DetectionTable detections;
    private readonly GroupedRows rows;
    private readonly SegmentationTable groundTruthMasks;
    private readonly SegmentationTable? detectionMasks;
    private readonly int[] heights;
    private readonly int[] widths;

    /// <summary>Finds the images' sizes.</summary>
    /// <param name="dataset">Ground truth, with masks.</param>
    /// <param name="detections">Detections; one without a mask has that of its box.</param>
    /// <param name="rows">Which of them take part.</param>
    /// <param name="imageIds">Evaluated images, ascending, in the order of the groups' image indices.</param>
    /// <param name="isCrowd">Crowds, by position.</param>
    public GroupMasks(Dataset dataset, DetectionTable detections, GroupedRows rows, long[] imageIds, bool[] isCrowd)
    {
        (this.dataset, this.detections, this.rows, IsCrowd) = (dataset, detections, rows, isCrowd);
        (groundTruthMasks, detectionMasks) = (dataset.Segmentations ?? new(), detections.Segmentations);
        (heights, widths) = (new int[imageIds.Length], new int[imageIds.Length]);
        // Of an image that is listed twice, the last entry counts, as in the reference.
        foreach (var image in dataset.Images)
        {
            var at = Array.BinarySearch(imageIds, image.Id);
            if (at >= 0)
                (heights[at], widths[at]) = (image.Height, image.Width);
        }
    }

    /// <summary>Crowds, by position.</summary>
    public bool[] IsCrowd { get; }

    /// <summary>Draws a detection's mask.</summary>
    /// <exception cref="InvalidInputException">It cannot be drawn.</exception>
    public void DrawDetection(int position, int image, MaskRasteriser rasteriser, RunLengths mask)
    {
        var (row, height, width) = (rows.Detections[position], heights[image], widths[image]);
        if (detectionMasks is not null && detectionMasks.KindOf(row) is not SegmentationKind.None)
        {
            if (!rasteriser.TryDraw(detectionMasks, row, height, width, mask))
                throw new InvalidInputException($"detection #{row + 1}: its segmentation {SegmentationFaults.Of(detectionMasks, row, height, width)}.");
            return;
        }
        var (x, y, boxWidth, boxHeight) = (detections.X[row], detections.Y[row], detections.Width[row], detections.Height[row]);
        if (!rasteriser.TryDrawBox(x, y, boxWidth, boxHeight, height, width, mask))
            throw new InvalidInputException($"detection #{row + 1}: its box {SegmentationFaults.OfBox(x, y, boxWidth, boxHeight, height, width)}.");
    }

    /// <summary>Draws a ground truth's mask.</summary>
    /// <exception cref="InvalidInputException">It cannot be drawn.</exception>
    public void DrawGroundTruth(int position, int image, MaskRasteriser rasteriser, RunLengths mask)
    {
        var row = rows.GroundTruths[position];
        if (!rasteriser.TryDraw(groundTruthMasks, row, heights[image], widths[image], mask))
            throw new InvalidInputException($"annotation id {dataset.GroundTruths[row].Id}: its segmentation {SegmentationFaults.Of(groundTruthMasks, row, heights[image], widths[image])}.");
    }
}
