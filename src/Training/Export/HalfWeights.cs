using System.Runtime.InteropServices;
using Google.Protobuf;
using Serve.Training.Models;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Onnx;
using static TorchSharp.torch;

namespace Serve.Training.Export;

/// <summary>
/// Halves an export: weights that float16 can hold are stored as float16 and cast back when the file is loaded, so that all computation stays in float32.
/// Storing is exact; what costs precision is rounding a detector's weights before, which is a choice of its own.
/// </summary>
public static class HalfWeights
{
    private const int SmallestInitializer = 1024;

    /// <summary>Rounds kernels and matrices (parameters of two or more dimensions) to the nearest float16, in place.</summary>
    public static void Round(Detector detector)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        foreach (var parameter in detector.parameters().Where(parameter => parameter.dim() >= 2))
        {
            parameter.copy_(parameter.to(float16).to(float32));
        }
    }

    /// <summary>Stores every large float32 initialiser as float16 whose values all survive it exactly.</summary>
    internal static void Store(GraphProto graph)
    {
        var casts = new List<NodeProto>();
        foreach (var initializer in graph.Initializer)
        {
            if (initializer.DataType == TensorProto.Types.DataType.Float && Halves(initializer.RawData.Span) is { } halves)
            {
                var name = initializer.Name;
                initializer.Name = $"{name}.float16";
                initializer.DataType = TensorProto.Types.DataType.Float16;
                initializer.RawData = UnsafeByteOperations.UnsafeWrap(halves);
                casts.Add(new NodeProto
                {
                    Name = $"{name}.cast",
                    OpType = "Cast",
                    Input = { initializer.Name },
                    Output = { name },
                    Attribute = { Attributes.Of("to", (long)TensorProto.Types.DataType.Float) },
                });
            }
        }

        // A node must stand after those it takes its input from.
        for (var i = 0; i < casts.Count; i++)
        {
            graph.Node.Insert(i, casts[i]);
        }
    }

    /// <summary>The same values as float16, or null when one of them would change.</summary>
    private static byte[]? Halves(ReadOnlySpan<byte> raw)
    {
        var values = MemoryMarshal.Cast<byte, float>(raw);
        if (values.Length < SmallestInitializer)
        {
            return null;
        }

        var bytes = new byte[values.Length * sizeof(ushort)];
        var halves = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan());
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            if ((float)halves[i] != values[i])
            {
                return null;
            }
        }

        return bytes;
    }
}
