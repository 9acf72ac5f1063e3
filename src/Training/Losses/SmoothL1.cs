using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Size of a difference, rounded off at zero. Girshick, "Fast R-CNN", ICCV 2015, equation 3, with the place of the turn as a parameter.</summary>
public static class SmoothL1
{
    /// <summary>0.5 d² / beta where |d| is below beta, |d| - 0.5 beta elsewhere; |d| for a beta of 0.</summary>
    /// <param name="difference">Any shape.</param>
    /// <param name="beta">Where the loss turns from square to linear, 0 or more.</param>
    /// <returns>Same shape, moved to the caller's dispose scope.</returns>
    public static Tensor Compute(Tensor difference, double beta)
    {
        using var scope = NewDisposeScope();
        var size = difference.abs();
        var loss = beta > 0 ? where(size < beta, difference.square() * (0.5 / beta), size - 0.5 * beta) : size;
        return loss.MoveToOuterDisposeScope();
    }
}
