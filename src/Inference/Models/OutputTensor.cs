using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>An output of a graph, with its shape where the graph tells it for every batch.</summary>
internal sealed record OutputTensor(string Name, TensorElementType Type, IReadOnlyList<int>? Declared)
{
    public static OutputTensor Of(GraphTensor output) => new(output.Name, output.Type, output.Shape);

    /// <summary>Shape for a batch: the first dimension may be the batch, the others have to be fixed. Null where something is open, or elements have no size.</summary>
    public long[]? ShapeOf(int batch)
    {
        if (Declared is not { Count: > 0 } || Type is TensorElementType.String || Declared.Skip(1).Any(side => side < 1))
            return null;
        var first = Declared[0] < 1 ? batch : Declared[0];
        return [first, .. Declared.Skip(1).Select(side => (long)side)];
    }
}
