namespace Serve.Inference.Models;

/// <summary>One dataset a model was trained on.</summary>
/// <param name="Name">Dataset and split.</param>
/// <param name="ContentHash">SHA-256 of its annotation file.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Epochs">Passes over it.</param>
public sealed record TrainingData(string Name, string ContentHash, int Images, double Epochs);

/// <summary>Metrics obtained on one dataset split.</summary>
/// <param name="Dataset">Dataset and split.</param>
/// <param name="Protocol">Protocol name.</param>
/// <param name="Values">Metric name to value.</param>
public sealed record ObtainedMetrics(string Dataset, string Protocol, IReadOnlyDictionary<string, double> Values);

/// <summary>Where a model comes from: all that a fair comparison asks.</summary>
public sealed record Provenance
{
    /// <summary>Name of the recipe.</summary>
    public required string Recipe { get; init; }

    /// <summary>Commit of the code that trained it.</summary>
    public required string Commit { get; init; }

    /// <summary>Random seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Datasets and epochs on each.</summary>
    public required IReadOnlyList<TrainingData> TrainedOn { get; init; }

    /// <summary>Datasets used for pre-training; empty when trained from random weights.</summary>
    public IReadOnlyList<TrainingData> PretrainedOn { get; init; } = [];

    /// <summary>Kinds of annotations it learnt from, pre-training included, such as <c>boxes</c>, <c>masks</c> or <c>keypoints</c>; null where not stated.</summary>
    public IReadOnlyList<string>? AnnotationTypes { get; init; }

    /// <summary>
    /// Whether hyper-parameters were optimised aggressively: on a logarithmic scale more finely than by factors of two, or on a linear one among more than eleven
    /// choices. Null where not stated.
    /// </summary>
    public bool? AggressiveTuning { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-adds for one image at the test resolution.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Training resolution, <c>width x height</c>.</summary>
    public required string TrainingResolution { get; init; }

    /// <summary>Test resolution, <c>width x height</c>.</summary>
    public required string TestResolution { get; init; }

    /// <summary>Whether the metrics come from several forms of each image, their detections merged; null where not stated.</summary>
    public bool? TestTimeAugmentation { get; init; }

    /// <summary>Licence of the weights.</summary>
    public string Licence { get; init; } = "MIT";

    /// <summary>Metrics obtained.</summary>
    public IReadOnlyList<ObtainedMetrics> Metrics { get; init; } = [];
}
