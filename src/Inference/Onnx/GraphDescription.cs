using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx;

/// <summary>What can be known of an ONNX file without running it.</summary>
/// <param name="Inputs">Inputs that are fed (initialisers left out), in the graph's order.</param>
/// <param name="Outputs">Outputs, in the graph's order.</param>
/// <param name="Metadata">Free metadata.</param>
/// <param name="Producer">Name and version of the program that wrote it.</param>
/// <param name="Operators">Operators and how often each is used, subgraphs and the model's own functions included.</param>
/// <param name="Names">Names of nodes and initialisers, as far as they tell where they come from; in file order.</param>
/// <param name="ExternalFiles">Files beside the graph that hold its tensors: locations as written in the graph, each once.</param>
public sealed record GraphDescription(
    IReadOnlyList<GraphTensor> Inputs,
    IReadOnlyList<GraphTensor> Outputs,
    IReadOnlyDictionary<string, string> Metadata,
    string Producer,
    IReadOnlyDictionary<string, int> Operators,
    IReadOnlyList<string> Names,
    IReadOnlyList<string> ExternalFiles)
{
    /// <summary>Shapes of the initialisers of the main graph by name: the number of categories of a head, the width of a network.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Weights { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Initialisers of the main graph whose values are in files beside it.</summary>
    public IReadOnlyList<ExternalTensor> ExternalTensors { get; init; } = [];

    /// <summary>Names of the initialisers of graphs inside the main one, as of the branches of <c>If</c>.</summary>
    public IReadOnlySet<string> InnerWeights { get; init; } = new HashSet<string>();
}

/// <summary>An initialiser whose values are in a file beside the graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Location">The file, as the graph writes it.</param>
/// <param name="Offset">Where its values begin, bytes.</param>
/// <param name="Length">Bytes of its values; 0 where the graph does not tell.</param>
public sealed record ExternalTensor(string Name, TensorElementType Type, IReadOnlyList<long> Shape, string Location, long Offset, long Length);

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type; <see cref="TensorElementType.DataTypeMax"/> for what is no tensor.</param>
/// <param name="Shape">Its dimensions; -1 for one that is dynamic. Null where the graph does not even tell how many there are.</param>
/// <param name="Symbols">Names of dynamic dimensions at their places, empty where fixed or unnamed.</param>
public sealed record GraphTensor(string Name, TensorElementType Type, IReadOnlyList<int>? Shape, IReadOnlyList<string> Symbols)
{
    /// <summary>The shape as messages write it: <c>[1, 3, ?, 416]</c>.</summary>
    public string ShapeText => Shape is null ? "[...]" : $"[{string.Join(", ", Shape.Select(side => side < 0 ? "?" : $"{side}"))}]";

    /// <summary>The element type as messages write it: <c>float32</c>.</summary>
    public string TypeText => Type switch
    {
        TensorElementType.Float => "float32",
        TensorElementType.Double => "float64",
        TensorElementType.DataTypeMax => "no tensor",
        _ => Type.ToString().ToLowerInvariant(),
    };
}
