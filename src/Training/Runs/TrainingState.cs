using System.Globalization;
using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Everything that changes during a training: weights, their average, the optimiser and counters. What a checkpoint holds.</summary>
internal sealed class TrainingState : IDisposable
{
    private const string ModelPrefix = "model.";
    private const string AveragePrefix = "average.";
    private const string OptimizerPrefix = "optimizer.";

    private TrainingState(Detector detector, Detector average, Optimizer optimizer, WeightAverage averaging)
        => (Detector, Average, Optimizer, Averaging) = (detector, average, optimizer, averaging);

    /// <summary>The detector that is trained.</summary>
    public Detector Detector { get; }

    /// <summary>The detector with averaged weights, which is evaluated and exported.</summary>
    public Detector Average { get; }

    /// <summary>The optimiser.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>Brings the trained weights into the average.</summary>
    public WeightAverage Averaging { get; }

    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Step of the last evaluation.</summary>
    public long EvaluatedStep { get; set; }

    /// <summary>Best AP so far; null before the first evaluation.</summary>
    public double? BestAp { get; set; }

    /// <summary>Step of the best AP.</summary>
    public long BestStep { get; set; }

    /// <summary>Random first weights, a function of the recipe's seed.</summary>
    public static TrainingState Create(Recipe recipe, Device device)
    {
        var detector = recipe.CreateDetector();
        var average = recipe.CreateDetector();
        detector.to(device);
        average.to(device);
        average.eval();
        return new(detector, average, recipe.Optimizer.Create(detector), new WeightAverage(detector, average, recipe.AverageDecay));
    }

    /// <summary>Writes everything, so that a training continues bit for bit.</summary>
    public void Save(string path)
    {
        var tensors = new Dictionary<string, Tensor>();
        AddTo(tensors, ModelPrefix, Detector.state_dict());
        AddTo(tensors, AveragePrefix, Average.state_dict());
        AddTo(tensors, OptimizerPrefix, Optimizer.State);
        SafeTensorsFile.Write(path, tensors, Counters());
    }

    /// <summary>Writes the averaged weights alone.</summary>
    public void SaveAverage(string path)
    {
        var tensors = new Dictionary<string, Tensor>();
        AddTo(tensors, AveragePrefix, Average.state_dict());
        SafeTensorsFile.Write(path, tensors, Counters());
    }

    /// <summary>Restores what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidInputException">Damaged, or of another model.</exception>
    public void Restore(string path)
    {
        var file = SafeTensorsFile.Open(path);
        file.CopyInto(ModelPrefix, Detector.state_dict());
        file.CopyInto(AveragePrefix, Average.state_dict());
        file.CopyInto(OptimizerPrefix, Optimizer.State);
        Step = long.Parse(Text("step"), CultureInfo.InvariantCulture);
        Optimizer.Steps = Step;
        EvaluatedStep = long.Parse(Text("evaluatedStep"), CultureInfo.InvariantCulture);
        BestStep = long.Parse(Text("bestStep"), CultureInfo.InvariantCulture);
        BestAp = Text("bestAp") is { Length: > 0 } ap ? double.Parse(ap, CultureInfo.InvariantCulture) : null;

        string Text(string name) => file.Metadata.GetValueOrDefault(name) ?? throw new InvalidInputException($"{path}: the checkpoint has no \"{name}\".");
    }

    /// <summary>Reads the averaged weights of either kind of checkpoint into a detector.</summary>
    /// <returns>Steps the weights have been trained for.</returns>
    public static long RestoreAverage(string path, Detector detector)
    {
        var file = SafeTensorsFile.Open(path);
        file.CopyInto(AveragePrefix, detector.state_dict());
        return long.Parse(file.Metadata["step"], CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Detector.Dispose();
        Average.Dispose();
        Optimizer.Dispose();
    }

    private static void AddTo(Dictionary<string, Tensor> tensors, string prefix, IReadOnlyDictionary<string, Tensor> named)
    {
        foreach (var (name, tensor) in named)
            tensors.Add(prefix + name, tensor);
    }

    private Dictionary<string, string> Counters() => new()
    {
        ["format"] = "serve-checkpoint-1",
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["evaluatedStep"] = EvaluatedStep.ToString(CultureInfo.InvariantCulture),
        ["bestStep"] = BestStep.ToString(CultureInfo.InvariantCulture),
        ["bestAp"] = BestAp?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    };
}
