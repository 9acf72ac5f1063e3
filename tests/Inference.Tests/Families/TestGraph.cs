using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Tests.Families;

/// <summary>Descriptions of graphs from a few words.</summary>
internal static class TestGraph
{
    /// <summary>
    /// A graph. Tensors are written <c>name type side side ...</c>, separated by semicolons, as in <c>images f32 b 3 640 640; sizes i64 b 2</c>; a side that is no
    /// number is dynamic; <c>...</c> stands for a shape that is not told.
    /// </summary>
    public static GraphDescription Of(string inputs, string outputs, string[]? names = null, string[]? operators = null) => new(
        Tensors(inputs), Tensors(outputs), new Dictionary<string, string>(), "pytorch 2.6.0", (operators ?? ["Conv"]).ToDictionary(type => type, _ => 1), names ?? [], []);

    /// <summary>A probe that answers with these outputs whatever it is asked.</summary>
    public static IGraphProbe Probe(params (string Name, int[] Shape, Func<int, float> Value)[] outputs) => new Answers(new ProbeResult(outputs.ToDictionary(
        output => output.Name,
        output => new ProbeOutput(output.Shape, [.. Enumerable.Range(0, output.Shape.Aggregate(1, (product, side) => product * side)).Select(output.Value)]))));

    /// <summary>A probe whose outputs have the graph's shapes, 7 for each side that is dynamic, and are zero.</summary>
    public static IGraphProbe Zeros(GraphDescription graph) => Probe(
        [.. graph.Outputs.Select(output => (output.Name, output.Shape?.Select(side => side < 0 ? 7 : side).ToArray() ?? [7], (Func<int, float>)(_ => 0)))]);

    /// <summary>A probe that must not be asked.</summary>
    public static IGraphProbe NoProbe { get; } = new Answers(null);

    private static GraphTensor[] Tensors(string text) => [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Tensor)];

    private static GraphTensor Tensor(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var type = words[1] switch
        {
            "f32" => TensorElementType.Float,
            "f16" => TensorElementType.Float16,
            "u8" => TensorElementType.UInt8,
            "i32" => TensorElementType.Int32,
            "i64" => TensorElementType.Int64,
            _ => throw new ArgumentException($"'{words[1]}' is no type.", nameof(text)),
        };
        if (words is [_, _, "..."])
            return new GraphTensor(words[0], type, null, []);
        return new GraphTensor(
            words[0], type, [.. words[2..].Select(side => int.TryParse(side, out var size) ? size : -1)], [.. words[2..].Select(side => int.TryParse(side, out _) ? "" : side)]);
    }

    private sealed class Answers(ProbeResult? result) : IGraphProbe
    {
        public ProbeResult Run(int batch, int width, int height, double scale) => result ?? throw new InvalidOperationException("The graph is not to be run.");
    }
}
