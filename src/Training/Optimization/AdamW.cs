using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>Adam with decoupled weight decay. Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2.</summary>
public sealed class AdamW(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    : Optimizer(groups, "mean", "meanSquare")
{
    /// <inheritdoc/>
    protected override void Update(Tensor parameter, Tensor gradient, Tensor[] state, double weightDecay, double learningRate)
    {
        var (mean, meanSquare) = (state[0], state[1]);
        mean.mul_(beta1).add_(gradient, alpha: 1 - beta1);
        meanSquare.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);

        var deviation = meanSquare.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, Steps))).add_(epsilon);
        if (weightDecay > 0)
            parameter.mul_(1 - learningRate * weightDecay);
        parameter.addcdiv_(mean, deviation, -learningRate / (1 - Math.Pow(beta1, Steps)));
    }
}
