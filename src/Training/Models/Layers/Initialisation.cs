using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>Fills weights from one seed: the same seed and the same order of layers give the same network.</summary>
/// <remarks>Weights are kernels [D, C, k, k] or matrices [D, C]; a transposed convolution's [C, D, k, k] are filled by the same rule, as published code does.</remarks>
internal sealed class Initialisation(long seed) : IDisposable
{
    private readonly Generator generator = new((ulong)seed);

    /// <summary>He et al., "Delving deep into rectifiers", 2015, for ReLU and fan-out: normal with variance 2 / (D k k).</summary>
    public void HeNormalFanOut(Tensor weight) => Normal(Math.Sqrt(2.0 / (weight.shape[0] * Window(weight))))(weight);

    /// <summary>Uniform within sqrt(3 / fan-in), fan-in = C k k: the fill of the feature pyramid's and the box head's published code ("Xavier").</summary>
    public void UniformFanIn(Tensor weight)
    {
        var bound = Math.Sqrt(3.0 / (weight.shape[1] * Window(weight)));
        weight.uniform_(-bound, bound, generator);
    }

    /// <summary>Normal around zero.</summary>
    public Action<Tensor> Normal(double standardDeviation) => weight => weight.normal_(0, standardDeviation, generator);

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();

    private static long Window(Tensor weight) => weight.shape[2..].Aggregate(1L, (product, side) => product * side);
}
