using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>Stochastic gradient descent with heavy-ball momentum and weight decay added to the gradient, as the detection papers use it.</summary>
public sealed class Sgd(IReadOnlyList<ParameterGroup> groups, double momentum = 0.9) : Optimizer(groups, "momentum")
{
    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, Tensor[] state, double weightDecay, double learningRate)
    {
        var velocity = state[0].mul_(momentum).add_(gradient);
        if (weightDecay > 0)
            velocity.add_(parameter, alpha: weightDecay);
        parameter.add_(velocity, alpha: -learningRate);
    }
}
