using Serve.Training.Boxes;
using Serve.Training.Models.Dense;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>The losses of generalised focal loss.</summary>
/// <remarks>Li et al., "Generalized focal loss", NeurIPS 2020, in its authors' code: a positive anchor counts as much as its own largest class score.</remarks>
internal static class GflLoss
{
    // How far below the last bin a distance stays: the authors' code.
    private const double Margin = 0.1;

    /// <summary>
    /// <c>quality</c>: quality focal loss over the number of positive anchors, at least 1; the quality is the IoU of the predicted box. <c>box</c>: 1 - GIoU, and
    /// <c>distribution</c>: distribution focal loss, mean of the four sides; both of positive anchors, averaged with their class scores as weights (the sum at least 1).
    /// </summary>
    public static Dictionary<string, Tensor> Compute(DensePredictions predictions, DenseTargets targets, DenseOptions options)
    {
        var anchors = new TracedTensor(predictions.Anchors.unsqueeze(0));
        var boxes = DenseBoxes.Decode(new TracedTensor(predictions.Boxes), anchors, new TracedTensor(predictions.Strides), options).Value; // [B, N, 4]
        var (weight, quality) = Weights(predictions, targets, boxes);                                  // [B, N], 0 where not positive
        var total = weight.sum().clamp(min: 1);
        var bins = predictions.Boxes.view(weight.shape[0], weight.shape[1], 4, -1);
        var ofSides = DistributionFocalLoss.Compute(bins, Distances(predictions, targets, options)).mean([2]);
        var ofQuality = QualityFocalLoss.Compute(predictions.Classes, targets.OfCategory(quality, predictions.Classes.shape[2])) * targets.Counted.unsqueeze(2);
        return new()
        {
            ["quality"] = ofQuality.sum() / targets.Positives,
            ["box"] = ((1 - BoxOverlap.Giou(boxes, targets.Boxes)) * weight).sum() / total * options.BoxWeight,
            ["distribution"] = (ofSides * weight).sum() / total * options.DistributionWeight,
        };
    }

    private static (Tensor Weight, Tensor Quality) Weights(DensePredictions predictions, DenseTargets targets, Tensor boxes)
    {
        using var noGradient = no_grad();
        var weight = predictions.Classes.amax([2]).sigmoid() * targets.Positive;
        var quality = BoxOverlap.Iou(boxes.view(-1, 1, 4), targets.Boxes.view(-1, 1, 4)).view(weight.shape);
        return (weight, quality);
    }

    private static Tensor Distances(DensePredictions predictions, DenseTargets targets, DenseOptions options)
    {
        using var noGradient = no_grad();
        var centres = (predictions.Anchors[.., ..2] + predictions.Anchors[.., 2..]) / 2;               // [N, 2]
        var distances = cat([centres - targets.Boxes[.., .., ..2], targets.Boxes[.., .., 2..] - centres], 2);
        return (distances / predictions.Strides).clamp(0, options.LargestDistance - Margin);           // [B, N, 4] in bins
    }
}
