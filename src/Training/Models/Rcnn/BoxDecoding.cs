using Serve.Training.Models.Detection;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Rcnn;

/// <summary>Turns classified boxes into detections.</summary>
/// <remarks>
/// Scores above the threshold, suppression within each class, the best of the image.
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
        options = options.Shifted(shift);
        var counted = scores.GreaterThan(scores.Like(options.ScoreThreshold)).Where(scores, scores.Like(0));
        var clipped = boxes.Maximum(boxes.Like(0)).Minimum(limits.Unsqueeze(1));

        // More than D of one class cannot be among the best D of the image.
        var (candidates, kept, labels) = ClassSuppression.Apply(clipped, counted, (float)options.NmsIouThreshold, options.MaxDetections);
        return BestOfImage.Take(candidates, kept, labels, options.MaxDetections);
    }
}
