using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Detection;

/// <summary>Non-maximum suppression of each class by itself.</summary>
/// <remarks>
/// The class is folded into the batch, as boxes may differ by class. Moving the boxes of each class to a place of their own instead, as many programs do, costs
/// precision: at 1203 classes of 1333 pixels float32 resolves an eighth of a pixel.
/// Letters: B images, R rows, K classes.
/// </remarks>
internal static class ClassSuppression
{
    /// <summary>What is left of the candidates, class by class.</summary>
    /// <param name="boxes">[B, R, K, 4], or [B, R, 1, 4] where all classes share a row's box.</param>
    /// <param name="scores">[B, R, K]; 0 for what is no candidate.</param>
    /// <param name="iouThreshold">Largest IoU of two that stay, 0 to 1.</param>
    /// <param name="maxPerClass">How many of one image and class stay, at most.</param>
    /// <returns>Boxes [B, K R, 4], scores [B, K R] (0 for what is no candidate or was suppressed), int64 labels [B, K R].</returns>
    public static (TracedTensor Boxes, TracedTensor Scores, TracedTensor Labels) Apply(
        TracedTensor boxes, TracedTensor scores, float iouThreshold, int maxPerClass)
    {
        var byClass = scores.Permute(0, 2, 1);                                                        // [B, K, R]
        var boxesByClass = boxes.Permute(0, 2, 1, 3).ExpandTo(byClass.Unsqueeze(3));                   // [B, K, R, 4]
        var rows = byClass.MergeDimensions(0, 2);                                                     // [B K, R]
        var places = boxesByClass.MergeDimensions(0, 2).SelectBoxes(rows.Unsqueeze(1), iouThreshold, 0, maxPerClass);
        var kept = rows.KeepOnly(places).UnmergeLike(0, byClass, 0, 2);                               // [B, K, R]

        var labels = byClass.Iota(1).Unsqueeze(1).ExpandTo(byClass);                          // [B, K, R]
        return (boxesByClass.MergeDimensions(1, 2), kept.MergeDimensions(1, 2), labels.MergeDimensions(1, 2));
    }
}
