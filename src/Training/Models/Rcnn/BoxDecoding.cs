using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Rcnn;

/// <summary>Turns classified boxes into detections.</summary>
/// <remarks>
/// Scores above the threshold; suppression within each class, which stands in the batch dimension so that classes cannot mix; the best of the image.
/// Letters: B images, R proposals, K categories, D rows put out.
/// </remarks>
internal static class BoxDecoding
{
    /// <summary>Detections by falling score; rows without one have score 0, label -1 and a box of zeros.</summary>
    /// <param name="boxes">[B, R, K, 4] xyxy, input pixels, or [B, R, 1, 4] where all classes have the same.</param>
    /// <param name="scores">[B, R, K] probabilities, 0 in rows that are no proposal.</param>
    /// <param name="limits">[B, 1, 4] width, height, width, height where boxes are clipped.</param>
    /// <param name="options">Thresholds and D.</param>
    /// <param name="shift">Moves the thresholds.</param>
    public static DetectorOutput Detect(TracedTensor boxes, TracedTensor scores, TracedTensor limits, DetectorOptions options, ThresholdShift shift)
    {
        var nmsIou = (float)Math.Clamp(options.NmsIouThreshold + shift.Suppression, 0, 1);
        var counted = scores.GreaterThan(scores.Like(options.ScoreThreshold + shift.Candidate)).Where(scores, scores.Like(0)).Permute(0, 2, 1); // [B, K, R]
        var clipped = boxes.Maximum(boxes.Like(0)).Minimum(limits.Unsqueeze(1)).Permute(0, 2, 1, 3).ExpandTo(counted.Unsqueeze(3)); // [B, K, R, 4]

        // More than D of one class cannot be among the best D of the image.
        var flat = counted.MergeDimensions(0, 2);                                                                                    // [B K, R]
        var places = clipped.MergeDimensions(0, 2).SelectBoxes(flat.Unsqueeze(1), nmsIou, 0, options.MaxDetections);
        var kept = flat.KeepOnly(places).UnmergeLike(0, counted, 0, 2).MergeDimensions(1, 2);                                        // [B, K R]

        // D empty entries more, so that there are always D rows. Entry = class * R + proposal.
        var (best, order) = kept.PadEnd(1, options.MaxDetections, 0).TopK(options.MaxDetections);                                    // [B, D]
        var isDetection = best.GreaterThan(best.Like(0));
        var rows = clipped.MergeDimensions(1, 2).PadEnd(1, options.MaxDetections, 0).GatherRows(order);
        return new DetectorOutput(
            isDetection.Unsqueeze(2).Where(rows, rows.Like(0)),
            best,
            isDetection.Where(order / counted.Size(2), order.Like(-1)));
    }
}
