using Serve.Eval.Datasets;

namespace Serve.Inference.Models;

/// <summary>How a picture becomes a model's input tensor.</summary>
public enum ResizeRule
{
    /// <summary>Scale to fit inside Width x Height keeping the aspect, put in the top-left corner, fill the rest with PadValue.</summary>
    LetterboxTopLeft,

    /// <summary>Scale to fit inside Width x Height keeping the aspect, centre, fill the rest with PadValue.</summary>
    LetterboxCentre,

    /// <summary>Scale to exactly Width x Height.</summary>
    Stretch,
}

/// <summary>A model's input.</summary>
public sealed record InputSpec
{
    /// <summary>Name of the graph's input.</summary>
    public string Name { get; init; } = "images";

    /// <summary>Width of the input tensor in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the input tensor in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>How pictures are brought to that size.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.LetterboxTopLeft;

    /// <summary>Value of padded pixels, 0..255, before scale and mean.</summary>
    public double PadValue { get; init; }

    /// <summary><c>rgb</c> or <c>bgr</c>.</summary>
    public string ChannelOrder { get; init; } = "rgb";

    /// <summary>Factor applied to 0..255 values first. Our own exports take 0..255 and normalise inside.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Subtracted per channel after scaling.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>Divisor per channel after the mean.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1, 1, 1];
}

/// <summary>Names of a model's outputs. Boxes [B, D, 4] xyxy in input pixels, scores [B, D] falling, labels [B, D] int64 index into the passport's categories, -1 for an empty row.</summary>
public sealed record OutputSpec
{
    /// <summary>Name of the box output.</summary>
    public string Boxes { get; init; } = "boxes";

    /// <summary>Name of the score output.</summary>
    public string Scores { get; init; } = "scores";

    /// <summary>Name of the label output.</summary>
    public string Labels { get; init; } = "labels";
}

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

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Multiply-adds for one image at the test resolution.</summary>
    public required long MultiplyAdds { get; init; }

    /// <summary>Training resolution, <c>width x height</c>.</summary>
    public required string TrainingResolution { get; init; }

    /// <summary>Test resolution, <c>width x height</c>.</summary>
    public required string TestResolution { get; init; }

    /// <summary>Licence of the weights.</summary>
    public string Licence { get; init; } = "MIT";

    /// <summary>Metrics obtained.</summary>
    public IReadOnlyList<ObtainedMetrics> Metrics { get; init; } = [];
}

/// <summary>The record beside each model (<c>model.json</c>, also in the ONNX metadata under <c>serve.passport</c>).</summary>
public sealed record Passport
{
    /// <summary>Version of this record's layout.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the model, 1 and up.</summary>
    public required int Version { get; init; }

    /// <summary>Output family: <c>end-to-end</c> for our own exports.</summary>
    public string Family { get; init; } = "end-to-end";

    /// <summary>Input.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>Outputs.</summary>
    public OutputSpec Outputs { get; init; } = new();

    /// <summary>Categories in label order.</summary>
    public required IReadOnlyList<Category> Categories { get; init; }

    /// <summary>Score below which detections are not shown unless asked for.</summary>
    public double ScoreThreshold { get; init; } = 0.3;

    /// <summary>Where the model comes from; null when unknown (a foreign model).</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>Reads a <c>model.json</c>.</summary>
    /// <exception cref="Serve.Eval.InvalidInputException">Missing or wrong fields; the message names the file and every fault.</exception>
    public static Passport Read(string path) => throw new NotImplementedException(path);

    /// <summary>The record as JSON.</summary>
    public string ToJson() => throw new NotImplementedException();
}
