using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Makes a distribution over whole numbers gather at the two around a distance. Li et al., "Generalized focal loss", NeurIPS 2020, equation 6.</summary>
public static class DistributionFocalLoss
{
    /// <summary>Cross entropy with the two whole numbers around each distance, weighted by how near each is.</summary>
    /// <param name="logits">[..., m + 1]: bins 0..m.</param>
    /// <param name="distances">[...], 0 up to but not m; without gradient.</param>
    /// <returns>[...], moved to the caller's dispose scope.</returns>
    public static Tensor Compute(Tensor logits, Tensor distances)
    {
        using var scope = NewDisposeScope();

        var lower = distances.floor();
        var logarithms = nn.functional.log_softmax(logits, -1);
        var below = logarithms.gather(-1, lower.to_type(int64).unsqueeze(-1)).squeeze(-1);
        var above = logarithms.gather(-1, lower.to_type(int64).unsqueeze(-1) + 1).squeeze(-1);
        return (-(below * (lower + 1 - distances) + above * (distances - lower))).MoveToOuterDisposeScope();
    }
}
