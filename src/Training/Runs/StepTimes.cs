using System.Text.Json;
using Serve.Training.Data;

namespace Serve.Training.Runs;

/// <summary>How long the stages of training steps take on the thread that runs them.</summary>
/// <remarks>An accelerator works on while the thread goes on: there, what it is busy with shows up in whatever stage waits for it, most often <c>optimizer</c> or <c>data</c>.</remarks>
internal sealed class StepTimes(TimeProvider time)
{
    /// <summary>Waiting for the batch: the only stage of data loading that training waits for.</summary>
    public const string Data = "data";

    /// <summary>Moving the batch to the device.</summary>
    public const string Transfer = "transfer";

    /// <summary>Network and losses.</summary>
    public const string Forward = "forward";

    /// <summary>Gradients.</summary>
    public const string Backward = "backward";

    /// <summary>Limiting gradients, reading losses, changing weights and their average.</summary>
    public const string Optimizer = "optimizer";

    /// <summary>The share of <see cref="Data"/> in a step.</summary>
    public const string Waiting = "waiting";

    /// <summary>Stands before what background threads do.</summary>
    public const string Preparing = "preparing.";

    private readonly Dictionary<string, long> _ticks = new() { [Data] = 0, [Transfer] = 0, [Forward] = 0, [Backward] = 0, [Optimizer] = 0 };
    private long _last;
    private int _steps;

    /// <summary>Begins a step.</summary>
    public void Start() => _last = time.GetTimestamp();

    /// <summary>Gives the time since the last mark to a stage.</summary>
    public void Mark(string stage)
    {
        var now = time.GetTimestamp();
        _ticks[stage] += now - _last;
        _last = now;
    }

    /// <summary>Ends a step.</summary>
    public void End() => _steps++;

    /// <summary>Milliseconds a step of each stage since the last call, and the share of waiting; empty when there was no step.</summary>
    /// <param name="preparing">Times of the background threads, which are put beside: <c>preparing.decode</c> and so on, those of all threads together; null for none.</param>
    public IReadOnlyDictionary<string, double> TakeMeans(IReadOnlyDictionary<DataStage, TimeSpan>? preparing = null)
    {
        if (_steps == 0)
            return new Dictionary<string, double>();
        var means = _ticks.ToDictionary(stage => stage.Key, stage => time.GetElapsedTime(0, stage.Value).TotalMilliseconds / _steps);
        means[Waiting] = means.Values.Sum() is > 0 and var all ? means[Data] / all : 0;
        foreach (var (stage, spent) in preparing ?? new Dictionary<DataStage, TimeSpan>())
        {
            if (stage != DataStage.Wait)
                means[$"{Preparing}{JsonNamingPolicy.CamelCase.ConvertName(stage.ToString())}"] = spent.TotalMilliseconds / _steps;
        }

        foreach (var stage in _ticks.Keys)
            _ticks[stage] = 0;
        _steps = 0;
        return means;
    }
}
