namespace Serve.Inference.Onnx.Rewriting;

/// <summary>A node of the main graph.</summary>
/// <param name="Range">The whole field of the graph, so that it can be copied or left out.</param>
/// <param name="Operator">Its operator, with the domain before it where that is not ONNX's own: <c>com.microsoft.QuickGelu</c>.</param>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Inputs">Names of what it reads, in order; empty for one that is left out.</param>
/// <param name="Outputs">Names of what it gives.</param>
/// <param name="Attributes">Its attributes by name.</param>
internal sealed record StoredNode(
    ByteRange Range, string Operator, string Name, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyDictionary<string, StoredAttribute> Attributes)
{
    /// <summary>A list of whole numbers, or what holds where the attribute is not there.</summary>
    public IReadOnlyList<long> Wholes(string attribute, params long[] otherwise) => Attributes.TryGetValue(attribute, out var given) ? given.Wholes : otherwise;

    /// <summary>A whole number, or what holds where the attribute is not there.</summary>
    public long Whole(string attribute, long otherwise) => Attributes.TryGetValue(attribute, out var given) ? given.Whole : otherwise;
}

/// <summary>An attribute of a node; of its values those that are whole numbers and tensors.</summary>
/// <param name="Range">The whole field of the node.</param>
/// <param name="Whole">Its whole number.</param>
/// <param name="Wholes">Its list of whole numbers.</param>
/// <param name="Tensor">Its tensor.</param>
/// <param name="HoldsGraph">True when it is a graph, whose nodes may read anything outside.</param>
internal sealed record StoredAttribute(ByteRange Range, long Whole, IReadOnlyList<long> Wholes, StoredTensor? Tensor, bool HoldsGraph);

/// <summary>A tensor in the file.</summary>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Wholes">Its values, where they are whole numbers written one by one.</param>
/// <param name="Bytes">Its values as they lie in memory, little-endian; null where they are written in another way.</param>
/// <param name="IsExternal">True when they are in another file.</param>
internal sealed record StoredTensor(
    string Name, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType Type, IReadOnlyList<long> Shape, IReadOnlyList<long> Wholes, ByteRange? Bytes, bool IsExternal);
