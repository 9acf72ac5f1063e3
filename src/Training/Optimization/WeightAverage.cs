using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>
/// Exponential moving average of a module's weights, kept in a second module of the same shape. It is steadier than the last weights
/// and is what gets evaluated and exported.
/// </summary>
public sealed class WeightAverage
{
    private readonly double _decay;
    private readonly (Tensor Source, Tensor Average, bool IsMixed)[] _pairs;

    /// <summary>Starts the average at the source's present weights.</summary>
    /// <param name="source">The module that is trained.</param>
    /// <param name="average">A module of the same shape, which is overwritten.</param>
    /// <param name="decay">Share of the old average that a step keeps, 0..1, once warmed up.</param>
    /// <param name="averageBuffers">Whether buffers, such as the statistics of batch normalisation, are averaged as weights are; else they are copied. Counters always are.</param>
    public WeightAverage(nn.Module source, nn.Module average, double decay, bool averageBuffers = true)
    {
        _decay = decay;
        var averages = average.state_dict();
        var parameters = source.named_parameters().Select(entry => entry.name).ToHashSet();
        _pairs =
        [
            .. source.state_dict().Select(entry => (
                entry.Value, averages[entry.Key], entry.Value.is_floating_point() && (averageBuffers || parameters.Contains(entry.Key)))),
        ];
        Mix(1);
    }

    /// <summary>The decay at a step: min(decay, (1 + n) / (10 + n)), so that the random first weights are soon forgotten.</summary>
    public static double DecayAt(double decay, long step) => Math.Min(decay, (1.0 + step) / (10.0 + step));

    /// <summary>Adds the source's present weights to the average.</summary>
    /// <param name="step">Number of steps taken before this one.</param>
    public void Update(long step) => Mix(1 - DecayAt(_decay, step));

    private void Mix(double share)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weight = tensor((float)share).to(_pairs[0].Average.device);
        foreach (var (source, average, isMixed) in _pairs)
        {
            if (share < 1 && isMixed)
                average.lerp_(source, weight);
            else
                average.copy_(source);
        }
    }
}
