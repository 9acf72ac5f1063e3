using System.Runtime.InteropServices;
using Google.Protobuf;
using Serve.Training.Tracing.Onnx;

namespace Serve.Training.Export;

/// <summary>Folds each batch normalisation into the convolution (plain, transposed or deformable) before it.</summary>
/// <remarks>W' = W s, b' = (b - mean) s + shift, with s = scale / sqrt(variance + epsilon), in double precision.</remarks>
internal static class BatchNormFolding
{
    /// <summary>Changes the graph where a convolution's output goes to nothing but a batch normalisation; drops initialisers that are no longer used.</summary>
    public static void Apply(GraphProto graph)
    {
        var initializers = graph.Initializer.ToDictionary(tensor => tensor.Name);
        var producers = graph.Node.SelectMany(node => node.Output, (node, output) => (node, output)).ToDictionary(pair => pair.output, pair => pair.node);
        var uses = Inputs(graph).CountBy(name => name).ToDictionary();

        foreach (var normalization in graph.Node.Where(node => node.OpType == "BatchNormalization").ToList())
        {
            if (!producers.TryGetValue(normalization.Input[0], out var conv) || uses[conv.Output[0]] != 1 || BiasInput(conv) is not { } biasInput)
                continue;

            var (weight, bias) = Fold(conv, biasInput, normalization, initializers);
            graph.Initializer.Add(weight);
            graph.Initializer.Add(bias);
            conv.Input[1] = weight.Name;
            if (conv.Input.Count == biasInput)
                conv.Input.Add(bias.Name);
            else
                conv.Input[biasInput] = bias.Name;
            conv.Output[0] = normalization.Output[0];
            graph.Node.Remove(normalization);
        }

        var used = Inputs(graph).ToHashSet();
        foreach (var unused in graph.Initializer.Where(tensor => !used.Contains(tensor.Name)).ToList())
            graph.Initializer.Remove(unused);
    }

    // What nodes take in; those of inner graphs may take values of the outer one.
    private static IEnumerable<string> Inputs(GraphProto graph)
        => graph.Node.SelectMany(node => node.Input.Concat(node.Attribute.Where(attribute => attribute.G is not null).SelectMany(attribute => Inputs(attribute.G))));

    private static int? BiasInput(NodeProto node) => node.OpType switch
    {
        "Conv" or "ConvTranspose" => 2,
        "DeformConv" => 3,
        _ => null,
    };

    private static (TensorProto Weight, TensorProto Bias) Fold(
        NodeProto conv, int biasInput, NodeProto normalization, Dictionary<string, TensorProto> initializers)
    {
        var weight = initializers[conv.Input[1]];
        var (scale, shift) = (Values(normalization.Input[1]), Values(normalization.Input[2]));
        var (mean, variance) = (Values(normalization.Input[3]), Values(normalization.Input[4]));
        var epsilon = normalization.Attribute.Single(attribute => attribute.Name == "epsilon").F;
        var oldBias = conv.Input.Count > biasInput ? Values(conv.Input[biasInput]) : new float[scale.Length];

        var weights = Values(weight.Name);
        var biases = new float[scale.Length];
        for (var channel = 0; channel < scale.Length; channel++)
        {
            var factor = scale[channel] / Math.Sqrt((double)variance[channel] + epsilon);
            biases[channel] = (float)((oldBias[channel] - mean[channel]) * factor + shift[channel]);
            foreach (var (start, length) in OfOutput(channel))
            {
                foreach (ref var value in weights.AsSpan(start, length))
                    value = (float)(value * factor);
            }
        }

        return (Pack(weight.Name, weight.Dims, weights), Pack(weight.Name, [scale.Length], biases));

        // A convolution's weights are [out, in, k, k], its transpose's [in, out, k, k].
        IEnumerable<(int Start, int Length)> OfOutput(int channel)
        {
            var kernel = (int)(weight.Dims[2] * weight.Dims[3]);
            return conv.OpType == "ConvTranspose"
                ? Enumerable.Range(0, (int)weight.Dims[0]).Select(input => ((input * scale.Length + channel) * kernel, kernel))
                : [(channel * (int)weight.Dims[1] * kernel, (int)weight.Dims[1] * kernel)];
        }

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
