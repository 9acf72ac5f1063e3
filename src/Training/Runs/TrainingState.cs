using System.Globalization;
using Serve.Eval;
using Serve.Training.Checkpoints;
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
    private const string BackbonePrefix = "backbone.";

    private readonly DetectorOptions _options;

    private TrainingState(DetectorOptions options, Detector detector, Detector average, Optimizer optimizer, WeightAverage averaging)
        => (_options, Detector, Average, Optimizer, Averaging) = (options, detector, average, optimizer, averaging);

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

    /// <summary>What the training has looked at.</summary>
    public SamplesSeen Seen { get; set; }

    /// <summary>Random first weights, a function of the recipe's seed.</summary>
    public static TrainingState Create(Recipe recipe, Device device)
    {
        var detector = recipe.CreateDetector();
        var average = recipe.CreateDetector();
        detector.to(device);
        average.to(device);
        detector.train();
        average.eval();
        detector.SetPrecision(recipe.Precision);
        return new(recipe.Detector, detector, average, recipe.Optimizer.Create(detector), new WeightAverage(detector, average, recipe.AverageDecay, recipe.AverageBuffers));
    }

    /// <summary>Takes the backbone's weights, and those of the average, from a checkpoint (<see cref="WeightImport"/>).</summary>
    /// <exception cref="InvalidInputException">Missing, damaged, or of another backbone.</exception>
    public ImportReport StartFrom(string path)
    {
        WeightImport.Into(BackboneOf(Detector), _options, path);
        return WeightImport.Into(BackboneOf(Average), _options, path);
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
        Step = ReadCounter(file, path, "step");
        EvaluatedStep = ReadCounter(file, path, "evaluatedStep");
        BestStep = ReadCounter(file, path, "bestStep");
        BestAp = file.Metadata.GetValueOrDefault("bestAp") is { Length: > 0 } ap ? double.Parse(ap, CultureInfo.InvariantCulture) : null;
        Seen = SamplesSeen.Read(file.Metadata);
        file.CopyInto(ModelPrefix, Detector.state_dict());
        file.CopyInto(AveragePrefix, Average.state_dict());
        file.CopyInto(OptimizerPrefix, Optimizer.State);
        Optimizer.Steps = Step;
    }

    /// <summary>Reads the averaged weights of either kind of checkpoint into a detector.</summary>
    /// <exception cref="InvalidInputException">Missing, damaged, or of another model.</exception>
    public static void RestoreAverage(string path, Detector detector) => SafeTensorsFile.Open(path).CopyInto(AveragePrefix, detector.state_dict());

    /// <summary>Steps after which either kind of checkpoint was written.</summary>
    /// <exception cref="InvalidInputException">Missing or damaged.</exception>
    public static long StepOf(string path) => ReadCounter(SafeTensorsFile.Open(path), path, "step");

    /// <inheritdoc/>
    public void Dispose()
    {
        Detector.Dispose();
        Average.Dispose();
        Optimizer.Dispose();
    }

    private static Dictionary<string, Tensor> BackboneOf(Detector detector)
        => detector.state_dict().Where(entry => entry.Key.StartsWith(BackbonePrefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[BackbonePrefix.Length..], entry => entry.Value);

    private static void AddTo(Dictionary<string, Tensor> tensors, string prefix, IReadOnlyDictionary<string, Tensor> named)
    {
        foreach (var (name, tensor) in named)
            tensors.Add(prefix + name, tensor);
    }

    private static long ReadCounter(SafeTensorsFile file, string path, string name)
        => long.TryParse(file.Metadata.GetValueOrDefault(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidInputException($"{path}: not a checkpoint of a training: it has no number \"{name}\".");

    private Dictionary<string, string> Counters() => new(Seen.ToMetadata())
    {
        ["format"] = "serve-checkpoint-1",
        ["step"] = Step.ToString(CultureInfo.InvariantCulture),
        ["evaluatedStep"] = EvaluatedStep.ToString(CultureInfo.InvariantCulture),
        ["bestStep"] = BestStep.ToString(CultureInfo.InvariantCulture),
        ["bestAp"] = BestAp?.ToString("R", CultureInfo.InvariantCulture) ?? "",
    };
}
