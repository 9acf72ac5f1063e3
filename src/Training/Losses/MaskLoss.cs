using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Loss of the head that cuts objects out. He et al., "Mask R-CNN", ICCV 2017, section 3: classes do not compete, only that of the object counts.</summary>
public static class MaskLoss
{
    /// <summary>Binary cross entropy of the objects' own class, the mean over pixels and objects.</summary>
    /// <param name="logits">[F, K, m, m], F at least 1.</param>
    /// <param name="labels">[F] int64, 0..K-1.</param>
    /// <param name="targets">[F, m, m], 0 or 1.</param>
    /// <returns>A scalar, moved to the caller's dispose scope.</returns>
    public static Tensor Compute(Tensor logits, Tensor labels, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var own = logits[arange(labels.shape[0], dtype: int64, device: labels.device), labels];          // [F, m, m]
        return nn.functional.binary_cross_entropy_with_logits(own, targets).MoveToOuterDisposeScope();
    }
}
