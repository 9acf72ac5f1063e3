using System.Runtime.InteropServices;
using System.Text;

namespace Serve.Api.Tests.Support;

/// <summary>Writes the few protobuf messages that a small ONNX model needs (field numbers of onnx.proto).</summary>
internal sealed class OnnxBytes
{
    private const int FloatElement = 1;
    private const int Int64Element = 7;

    private readonly List<byte> _bytes = [];

    public static OnnxBytes Model(OnnxBytes graph) => new OnnxBytes().Number(1, 8).Message(8, new OnnxBytes().Number(2, 17)).Message(7, graph);

    public OnnxBytes Node(string type, string[] inputs, string[] outputs, params (string Name, long[] Values)[] attributes)
    {
        var node = new OnnxBytes();
        foreach (var input in inputs)
            node.Text(1, input);
        foreach (var output in outputs)
            node.Text(2, output);
        node.Text(4, type);
        foreach (var (name, values) in attributes)
            node.Message(5, Attribute(name, values));
        return Message(1, node);
    }

    public OnnxBytes Constant(string name, float[] values, params long[] shape) => Constant(name, FloatElement, MemoryMarshal.AsBytes<float>(values), shape);

    public OnnxBytes Constant(string name, long[] values, params long[] shape) => Constant(name, Int64Element, MemoryMarshal.AsBytes<long>(values), shape);

    /// <summary>A graph's input (field 11) or output (field 12); a negative size is the batch.</summary>
    public OnnxBytes Value(int field, string name, bool isFloat, params long[] shape)
    {
        var dimensions = new OnnxBytes();
        foreach (var size in shape)
            dimensions.Message(1, size < 0 ? new OnnxBytes().Text(2, "batch") : new OnnxBytes().Number(1, size));
        var tensor = new OnnxBytes().Number(1, isFloat ? FloatElement : Int64Element).Message(2, dimensions);
        return Message(field, new OnnxBytes().Text(1, name).Message(2, new OnnxBytes().Message(1, tensor)));
    }

    public OnnxBytes Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public byte[] ToArray() => _bytes.ToArray();

    private static OnnxBytes Attribute(string name, long[] values)
    {
        var attribute = new OnnxBytes().Text(1, name);
        foreach (var value in values)
            attribute.Number(8, value);
        return attribute.Number(20, 7);
    }

    private OnnxBytes Constant(string name, int element, ReadOnlySpan<byte> raw, long[] shape)
    {
        var tensor = new OnnxBytes();
        foreach (var size in shape)
            tensor.Number(1, size);
        return Message(5, tensor.Number(2, element).Text(8, name).Bytes(9, raw));
    }

    private OnnxBytes Message(int field, OnnxBytes message) => Bytes(field, message.ToArray());

    private OnnxBytes Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    private OnnxBytes Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
    }
}
