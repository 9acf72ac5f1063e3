using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Detection;

/// <summary>A tensor of a graph's own inputs or outputs.</summary>
/// <param name="Name">Name in the graph.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Data">Its elements, little-endian, row by row; empty for strings.</param>
/// <param name="Strings">Its elements in UTF-8 where the type is <see cref="TensorElementType.String"/>; null for others.</param>
public sealed record NamedTensor(string Name, TensorElementType Type, long[] Shape, Memory<byte> Data, byte[][]? Strings = null);

/// <summary>A request for a graph's own tensors.</summary>
/// <param name="Inputs">Every input of the graph, once. Their memory must stay as it is until the answer is there.</param>
/// <param name="Outputs">The outputs wanted; null for all.</param>
/// <param name="Priority">1 is the highest, larger is lower, 0 the model's default level. Equal levels keep the order of arrival.</param>
/// <param name="Timeout">How long the request may wait for its run; null for the model's own limit.</param>
public sealed record RawRequest(IReadOnlyList<NamedTensor> Inputs, IReadOnlyList<string>? Outputs = null, int Priority = 0, TimeSpan? Timeout = null);

/// <summary>The outputs asked for, in the order asked for.</summary>
public sealed record RawAnswer(IReadOnlyList<NamedTensor> Outputs, DetectionTimings Timings)
{
    /// <summary>How many pictures were in its run.</summary>
    public int BatchSize { get; init; } = 1;
}
