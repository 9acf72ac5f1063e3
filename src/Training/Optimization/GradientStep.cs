using static TorchSharp.torch;
using OptimizerOptions = Serve.Training.Recipes.OptimizerOptions;

namespace Serve.Training.Optimization;

/// <summary>All that happens to a step's gradients between the backward pass and the optimiser: the limit of their norm, then the scaling of adder layers.</summary>
/// <remarks>
/// A training is one process. Were there several, this is the one place where their gradients would be summed, before anything below looks at them: what stands before
/// <see cref="Apply"/> only adds to gradients, and what stands after it only reads them.
/// </remarks>
internal static class GradientStep
{
    private const double SmallestNorm = 1e-12;

    /// <summary>Limits and scales the gradients that were added up over the whole step.</summary>
    /// <param name="optimizer">Holds the parameters.</param>
    /// <param name="options">The limit, and the length of adder layers' gradients.</param>
    /// <returns>Scalar float32: the joint norm before the limit, adder layers not counted; moved to the caller's dispose scope.</returns>
    public static Tensor Apply(Optimizer optimizer, OptimizerOptions options)
    {
        // Gradients of adder layers are long by nature and get a length of their own below: they would spend the limit of all others.
        var norm = GradientClip.ByNorm(optimizer.Groups.Where(group => group.Role != ParameterRole.Adder).Select(group => group.Parameter), options.ClipNorm ?? double.PositiveInfinity);
        foreach (var group in optimizer.Groups.Where(group => group.Role == ParameterRole.Adder))
            ScaleToSize(group, options.AdderRate);
        return norm;
    }

    // Chen et al., "AdderNet", CVPR 2020, equation 13: the length follows from the number of elements alone, whatever the scale of the loss.
    private static void ScaleToSize(ParameterGroup group, double rate)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        if (group.Parameter.grad is { } gradient)
            gradient.mul_(rate * Math.Sqrt(gradient.numel()) / linalg.vector_norm(gradient).clamp(min: SmallestNorm));
    }
}
