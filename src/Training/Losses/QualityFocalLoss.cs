using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Focal loss for targets between 0 and 1. Li et al., "Generalized focal loss", NeurIPS 2020, equation 2.</summary>
public static class QualityFocalLoss
{
    /// <summary>Exponent that weighs down what is nearly right.</summary>
    public const double Beta = 2;

    /// <summary>|q - p|^beta times the cross entropy of p and q, for each element.</summary>
    /// <param name="logits">Any shape; p = sigmoid(logit).</param>
    /// <param name="quality">Same shape: the IoU of the box for the anchor's category, 0 for all else; without gradient.</param>
    /// <returns>Same shape, moved to the caller's dispose scope.</returns>
    public static Tensor Compute(Tensor logits, Tensor quality)
    {
        using var scope = NewDisposeScope();

        var crossEntropy = nn.functional.binary_cross_entropy_with_logits(logits, quality, reduction: nn.Reduction.None);
        return ((quality - sigmoid(logits)).abs().pow(Beta) * crossEntropy).MoveToOuterDisposeScope();
    }
}
