using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// A way in which detectors take pictures and put their results into tensors. One file a family: what it is recognised by, and what that means for input
/// and decoding, as data (<see cref="InputSpec"/>, <see cref="DecodingSpec"/>) that a passport may override part by part.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>Name in passports and messages, as in <c>yolox</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line for people: which detectors these are.</summary>
    public abstract string Title { get; }

    /// <summary>Recognises a graph of this family.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="probe">Runs the graph once where names and shapes leave something open.</param>
    /// <returns>What the family says about it, or null when the graph is of another family.</returns>
    public abstract Recognition? Recognise(GraphDescription graph, IGraphProbe probe);

    /// <summary>What a graph that resembles this family lacks, for people; null when it does not even resemble it.</summary>
    public virtual string? Shortfall(GraphDescription graph) => null;
}

/// <summary>How sure a family is of a graph. The surest one is taken; two of equal sureness are told to the user.</summary>
internal enum Evidence
{
    /// <summary>The shapes fit.</summary>
    Shapes,

    /// <summary>The shapes fit, and names of outputs, layers or the values of a probe run tell of the family.</summary>
    Names,

    /// <summary>The file's metadata say so.</summary>
    Metadata,
}

/// <summary>What a family says about a graph.</summary>
/// <param name="Input">How pictures are fed.</param>
/// <param name="Decoding">How detections are read.</param>
/// <param name="Categories">Number of categories, where the graph tells it.</param>
/// <param name="ScoreThreshold">Score below which detections are usually not shown.</param>
/// <param name="Reasons">What it was recognised by and what was assumed, a sentence each, for people.</param>
internal sealed record Recognition(InputSpec Input, DecodingSpec Decoding, int? Categories, double ScoreThreshold, IReadOnlyList<string> Reasons)
{
    /// <summary>How sure the family is.</summary>
    public Evidence Evidence { get; init; }

    /// <summary>Names of the categories that the family knows by itself, where neither passport, metadata nor a file gives any; null where it knows none.</summary>
    public IReadOnlyList<string>? Names { get; init; }
}

/// <summary>Runs a graph to see what names and shapes do not tell.</summary>
internal interface IGraphProbe
{
    /// <summary>Runs the graph once on a picture of noise, values 0..1 times <paramref name="scale"/>; dynamic sides are as given. Cached per arguments.</summary>
    /// <returns>Each output's shape and, where its elements are float32, values.</returns>
    /// <exception cref="ModelOutputException">The graph does not run so.</exception>
    ProbeResult Run(int batch, int width, int height, double scale);
}

/// <summary>What a probe run gave.</summary>
/// <param name="Outputs">By name.</param>
internal sealed record ProbeResult(IReadOnlyDictionary<string, ProbeOutput> Outputs);

/// <summary>One output of a probe run.</summary>
/// <param name="Shape">Its concrete shape.</param>
/// <param name="Values">Its values as float32, empty for other element types than numbers.</param>
internal sealed record ProbeOutput(IReadOnlyList<int> Shape, float[] Values);
