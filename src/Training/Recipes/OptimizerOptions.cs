using Serve.Training.Optimization;
using static TorchSharp.torch;

namespace Serve.Training.Recipes;

/// <summary>Which optimiser.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,
}

/// <summary>The optimiser of a recipe.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Which optimiser.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.AdamW;

    /// <summary>Full learning rate, for batches of <see cref="ReferenceBatch"/> images.</summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// Images a step for which <see cref="LearningRate"/> stands: with other batches the rate changes in proportion. Null for the recipe's own batch size, whatever it is.
    /// Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.1.
    /// </summary>
    public int? ReferenceBatch { get; init; }

    /// <summary>Weight decay of weight matrices and kernels.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Weight decay of the scales and shifts of normalisations.</summary>
    public double NormDecay { get; init; }

    /// <summary>Weight decay of biases; null for that of weights.</summary>
    public double? BiasDecay { get; init; } = 0;

    /// <summary>Learning rate of biases over that of weights.</summary>
    public double BiasRate { get; init; } = 1;

    /// <summary>Momentum of <see cref="OptimizerKind.Sgd"/>.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decay of the gradient's mean, <see cref="OptimizerKind.AdamW"/>.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the gradient's mean square, <see cref="OptimizerKind.AdamW"/>.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>The gradient is scaled down to this Euclidean norm; null for no limit.</summary>
    public double? ClipNorm { get; init; } = 10;

    /// <summary>Length of the gradient of an adder layer over the root of its number of elements.</summary>
    public double AdderRate { get; init; } = 0.2;

    /// <summary>Full learning rate for so many images a step.</summary>
    public double RateFor(int batchSize) => ReferenceBatch is { } reference ? LearningRate * batchSize / reference : LearningRate;

    /// <summary>Creates the optimiser for a module's parameters that need a gradient.</summary>
    public Optimizer Create(nn.Module module) => Kind switch
    {
        OptimizerKind.AdamW => new AdamW(ParameterGroups.Of(module, this), Beta1, Beta2),
        OptimizerKind.Sgd => new Sgd(ParameterGroups.Of(module, this), Momentum),
        _ => throw new ArgumentOutOfRangeException(nameof(module), Kind, "There is no such optimiser."),
    };
}
