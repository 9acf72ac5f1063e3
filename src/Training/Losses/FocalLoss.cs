using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Cross entropy that weighs down what is already right. Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017, equation 5.</summary>
public static class FocalLoss
{
    /// <summary>Weight of positives; negatives weigh one minus it.</summary>
    public const double Alpha = 0.25;

    /// <summary>Exponent that weighs down easy ones.</summary>
    public const double Gamma = 2;

    /// <summary>-alpha_t (1 - p_t)^gamma log(p_t), for each element.</summary>
    /// <param name="logits">Any shape; p = sigmoid(logit).</param>
    /// <param name="targets">Same shape, 0 or 1.</param>
    /// <returns>Same shape, moved to the caller's dispose scope.</returns>
    public static Tensor Compute(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();

        var crossEntropy = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction: nn.Reduction.None);
        var wrong = (sigmoid(logits) - targets).abs();                  // 1 - p_t
        var weight = targets * (2 * Alpha - 1) + (1 - Alpha);           // alpha for targets of 1, 1 - alpha for 0
        return (weight * wrong.square() * crossEntropy).MoveToOuterDisposeScope();
    }
}
