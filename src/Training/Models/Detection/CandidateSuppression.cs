using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Detection;

/// <summary>What detectors that predict at every cell end with: candidates, each of one class, suppressed class by class, and the best of the image.</summary>
/// <remarks>Letters: B images, M candidates of an image, K classes.</remarks>
internal static class CandidateSuppression
{
    /// <summary>Boxes cut off at the edges of the images.</summary>
    /// <param name="boxes">[B, M, 4].</param>
    /// <param name="images">[B, 3, H, W]; only their size counts.</param>
    public static TracedTensor Clip(TracedTensor boxes, TracedTensor images)
    {
        var (width, height) = (images.Size(3), images.Size(2));
        var limits = Shapes.Concat(0, width, height, width, height).Cast(float32);          // [4]
        return boxes.Maximum(boxes.Like(0)).Minimum(limits);
    }

    /// <summary>Detections by falling score; rows without one have score 0, label -1 and a box of zeros.</summary>
    /// <param name="boxes">[B, M, 4].</param>
    /// <param name="scores">[B, M], 0 for what is no candidate.</param>
    /// <param name="labels">[B, M] int64.</param>
    /// <param name="options">Classes, largest IoU, rows.</param>
    public static DetectorOutput Best(TracedTensor boxes, TracedTensor scores, TracedTensor labels, DetectorOptions options)
    {
        // More than D of one class cannot be among the best D of the image.
        var places = boxes.SelectBoxes(PerClass(scores, labels, options.CategoryCount), (float)options.NmsIouThreshold, 0, options.MaxDetections);
        return BestOfImage.Take(boxes, scores.KeepOnly(places), labels, options.MaxDetections);
    }

    // [B, K, M]: the score in the row of the candidate's class, 0 in the others.
    private static TracedTensor PerClass(TracedTensor scores, TracedTensor labels, int categories)
    {
        var classes = new TracedTensor(arange(categories, dtype: int64, device: scores.Value.device).unsqueeze(1)); // [K, 1]
        return labels.Unsqueeze(1).EqualTo(classes).Where(scores.Unsqueeze(1), scores.Like(0));
    }
}
