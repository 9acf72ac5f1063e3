using System.Globalization;
using Serve.Training.Models;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>
/// Collects the losses of steps. They stay on the device until they are read, so that an accelerator need not wait after each step; on the CPU,
/// where nothing waits, each step is read at once.
/// </summary>
internal sealed class LossWindow(Device device) : IDisposable
{
    private const string GradientNorm = "gradientNorm";

    private readonly List<(long Step, double LearningRate, Tensor Values)> _pending = [];
    private readonly Dictionary<string, double> _sums = [];
    private string[] _names = [];
    private int _count;
    private string _lastFinite = "none";

    /// <summary>Adds the losses of a step, and reads them when that costs nothing.</summary>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    public void Add(long step, double learningRate, DetectorLosses losses, Tensor gradientNorm)
    {
        using (NewDisposeScope())
        {
            _names = ["total", .. losses.Parts.Keys, .. losses.Observations.Keys, GradientNorm];
            Tensor[] values = [losses.Total, .. losses.Parts.Values, .. losses.Observations.Values, gradientNorm];
            _pending.Add((step, learningRate, stack(values.Select(value => value.detach().to(float32)).ToArray()).DetachFromDisposeScope()));
        }

        if (device.type == TorchSharp.DeviceType.CPU)
            Read();
    }

    /// <summary>Reads what is pending and checks it.</summary>
    /// <exception cref="TrainingDivergedException">A loss or the gradient's norm is not finite.</exception>
    public void Read()
    {
        foreach (var (step, learningRate, tensor) in _pending)
        {
            var values = HostRead.Floats(tensor);
            var text = string.Join(", ", _names.Zip(values, (name, value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value:G6}")));
            if (!values.All(float.IsFinite))
            {
                var faulty = string.Join(", ", _names.Where((_, i) => !float.IsFinite(values[i])));
                throw new TrainingDivergedException(string.Create(CultureInfo.InvariantCulture,
                    $"Training stopped at step {step}: {faulty} not finite ({text}) at learning rate {learningRate:G4}. Last finite values: {_lastFinite}. "
                    + $"The last checkpoint is from before; a lower optimizer.learningRate or optimizer.clipNorm, or a longer schedule.warmupSteps may help."));
            }

            _lastFinite = $"step {step}: {text}";
            for (var i = 0; i < values.Length; i++)
                _sums[_names[i]] = _sums.GetValueOrDefault(_names[i]) + values[i];
            _count++;
        }

        Clear();
    }

    /// <summary>Reads what is pending and returns the means since the last call; empty when there was no step.</summary>
    public IReadOnlyDictionary<string, double> TakeMeans()
    {
        Read();
        var means = _sums.ToDictionary(sum => sum.Key, sum => sum.Value / _count);
        _sums.Clear();
        _count = 0;
        return means;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Clear()
    {
        foreach (var (_, _, tensor) in _pending)
            tensor.Dispose();
        _pending.Clear();
    }
}
