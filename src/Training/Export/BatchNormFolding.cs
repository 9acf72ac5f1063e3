using System.Runtime.InteropServices;
using Google.Protobuf;
using Serve.Training.Tracing.Onnx;

namespace Serve.Training.Export;

/// <summary>Folds each batch normalisation into the convolution before it.</summary>
/// <remarks>W' = W s, b' = (b - mean) s + shift, with s = scale / sqrt(variance + epsilon), in double precision.</remarks>
internal static class BatchNormFolding
{
    /// <summary>Changes the graph where a convolution's output goes to nothing but a batch normalisation; drops initialisers that are no longer used.</summary>
    public static void Apply(GraphProto graph)
    {
        var initializers = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var producers = graph.Node.SelectMany(node => node.Output, (node, output) => (node, output)).ToDictionary(pair => pair.output, pair => pair.node);
        var uses = graph.Node.SelectMany(node => node.Input).CountBy(name => name).ToDictionary();

        foreach (var normalization in graph.Node.Where(node => node.OpType == "BatchNormalization").ToList())
        {
            if (!producers.TryGetValue(normalization.Input[0], out var conv) || conv.OpType != "Conv" || uses[conv.Output[0]] != 1)
                continue;

            var (weight, bias) = Fold(conv, normalization, initializers);
            graph.Initializer.Add(weight);
            graph.Initializer.Add(bias);
            var input = conv.Input[0];
            conv.Input.Clear();
            conv.Input.Add([input, weight.Name, bias.Name]);
            conv.Output[0] = normalization.Output[0];
            graph.Node.Remove(normalization);
        }

        var used = graph.Node.SelectMany(node => node.Input).ToHashSet();
        foreach (var unused in graph.Initializer.Where(tensor => !used.Contains(tensor.Name)).ToList())
            graph.Initializer.Remove(unused);
    }

    private static (TensorProto Weight, TensorProto Bias) Fold(NodeProto conv, NodeProto normalization, Dictionary<string, TensorProto> initializers)
    {
        var weight = initializers[conv.Input[1]];
        var (scale, shift) = (Values(normalization.Input[1]), Values(normalization.Input[2]));
        var (mean, variance) = (Values(normalization.Input[3]), Values(normalization.Input[4]));
        var epsilon = normalization.Attribute.Single(attribute => attribute.Name == "epsilon").F;
        var oldBias = conv.Input.Count > 2 ? Values(conv.Input[2]) : new float[scale.Length];

        var weights = Values(weight.Name);
        var biases = new float[scale.Length];
        var size = weights.Length / scale.Length;
        for (var channel = 0; channel < scale.Length; channel++)
        {
            var factor = scale[channel] / Math.Sqrt((double)variance[channel] + epsilon);
            biases[channel] = (float)((oldBias[channel] - mean[channel]) * factor + shift[channel]);
            foreach (ref var value in weights.AsSpan(channel * size, size))
                value = (float)(value * factor);
        }

        return (Pack(weight.Name, weight.Dims, weights), Pack(weight.Name, [scale.Length], biases));

        float[] Values(string name) => MemoryMarshal.Cast<byte, float>(initializers[name].RawData.Span).ToArray();

        TensorProto Pack(string source, IEnumerable<long> dims, float[] values) => new()
        {
            Name = $"{source}.{(values == biases ? "bias" : "folded")}.{normalization.Name}",
            DataType = TensorProto.Types.DataType.Float,
            Dims = { dims },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
    }
}
