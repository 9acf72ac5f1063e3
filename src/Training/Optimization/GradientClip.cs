using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>Limits the length of the gradient. Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.</summary>
public static class GradientClip
{
    /// <summary>Scales all gradients so that their joint Euclidean norm is at most the limit.</summary>
    /// <param name="parameters">Parameters; those without a gradient do not count.</param>
    /// <param name="maxNorm">The limit; infinity only measures.</param>
    /// <returns>Scalar float32: the norm before clipping, moved to the caller's dispose scope. It is not read back here, so an accelerator does not wait.</returns>
    public static Tensor ByNorm(IEnumerable<Parameter> parameters, double maxNorm)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var gradients = parameters.Select(p => p.grad).OfType<Tensor>().ToList();
        if (gradients.Count == 0)
            return zeros(1, float32).squeeze(0).MoveToOuterDisposeScope();

        var norm = linalg.vector_norm(stack(gradients.Select(g => linalg.vector_norm(g)).ToArray()));
        // On the CPU reading the norm costs nothing, and most steps are then spared a pass over all gradients.
        if (double.IsFinite(maxNorm) && (norm.device_type != DeviceType.CPU || norm.ToDouble() > maxNorm))
        {
            var factor = (maxNorm / (norm + 1e-6)).clamp(max: 1);
            foreach (var gradient in gradients)
                gradient.mul_(factor);
        }

        return norm.MoveToOuterDisposeScope();
    }
}
