using Serve.Training.Boxes;
using Serve.Training.Models.Dense;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>The losses of ATSS.</summary>
/// <remarks>Zhang et al., "Bridging the gap between anchor-based and anchor-free detection via adaptive training sample selection", CVPR 2020, in its authors' code.</remarks>
internal static class AtssLoss
{
    /// <summary>
    /// <c>classification</c>: focal loss over the number of positive anchors. <c>box</c>: 1 - GIoU of positive anchors, averaged with their centre-ness as weight (the sum
    /// of weights at least 1). <c>centerness</c>: binary cross entropy, mean over positive anchors.
    /// </summary>
    public static Dictionary<string, Tensor> Compute(DensePredictions predictions, DenseTargets targets, DenseOptions options)
    {
        var boxes = DenseBoxes.Decode(new TracedTensor(predictions.Boxes), new TracedTensor(predictions.Anchors.unsqueeze(0)), new TracedTensor(predictions.Strides), options).Value;
        var central = Centerness(predictions.Anchors, targets);                                         // [B, N], 0 where not positive
        var entropy = nn.functional.binary_cross_entropy_with_logits(predictions.Centerness!, central, reduction: nn.Reduction.None);
        return new()
        {
            ["classification"] = DenseLoss.Classification(predictions, targets),
            ["box"] = ((1 - BoxOverlap.Giou(boxes, targets.Boxes)) * central).sum() / central.sum().clamp(min: 1) * options.BoxWeight,
            ["centerness"] = (entropy * targets.Positive).sum() / targets.Positives,
        };
    }

    // The centre of a positive anchor lies inside its object, so that all distances are above 0.
    private static Tensor Centerness(Tensor anchors, DenseTargets targets)
    {
        using var noGradient = no_grad();
        var centres = (anchors[.., ..2] + anchors[.., 2..]) / 2;                                        // [N, 2]
        var distances = cat([centres - targets.Boxes[.., .., ..2], targets.Boxes[.., .., 2..] - centres], 2);
        return where(targets.Positive, FcosTargets.CenternessOf(distances), 0f);
    }
}
