using Serve.Training.Models.Dense;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>The losses of RetinaNet.</summary>
/// <remarks>Lin et al., "Focal loss for dense object detection", ICCV 2017. The box loss is L1, as in the programs whose figures are compared.</remarks>
internal static class RetinaLoss
{
    /// <summary>
    /// <c>classification</c>: focal loss of all anchors but those in between or in crowds. <c>box</c>: L1 on the four shifts of positive anchors. Both over the number of
    /// positive anchors, at least 1.
    /// </summary>
    public static Dictionary<string, Tensor> Compute(DensePredictions predictions, DenseTargets targets, DenseOptions options)
    {
        var shifts = DenseBoxes.RetinaCoder.Encode(predictions.Anchors.unsqueeze(0), targets.Boxes);    // [B, N, 4]
        var distance = (predictions.Boxes - shifts).abs().sum(2L);
        return new()
        {
            ["classification"] = DenseLoss.Classification(predictions, targets),
            ["box"] = (distance * targets.Positive).sum() / targets.Positives * options.BoxWeight,
        };
    }
}
