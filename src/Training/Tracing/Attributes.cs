using Google.Protobuf;
using Serve.Training.Tracing.Onnx;
using static Serve.Training.Tracing.Onnx.AttributeProto.Types;

namespace Serve.Training.Tracing;

/// <summary>Makes node attributes of the types that our operators use.</summary>
internal static class Attributes
{
    public static AttributeProto Of(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Of(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static AttributeProto Of(string name, string value) => new() { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Of(string name, params long[] values) => new() { Name = name, Type = AttributeType.Ints, Ints = { values } };

    public static AttributeProto Of(string name, TensorProto value) => new() { Name = name, Type = AttributeType.Tensor, T = value };

    public static AttributeProto Of(string name, GraphProto value) => new() { Name = name, Type = AttributeType.Graph, G = value };
}
