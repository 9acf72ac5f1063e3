using System.Buffers.Binary;
using System.Text;

namespace Serve.Inference.Tests.Models;

/// <summary>
/// Just enough of Protocol Buffers and of the ONNX messages to write small graphs (field numbers are those of onnx.proto).
/// </summary>
internal sealed class OnnxWriter
{
    private readonly List<byte> _graph = [];
    private readonly Dictionary<string, string> _metadata = [];

    public OnnxWriter() => Field(_graph, 2, "test"u8.ToArray());

    public enum Element
    {
        Float = 1,
        Uint8 = 2,
        Int32 = 6,
        Int64 = 7,
        Float16 = 10,
    }

    public OnnxWriter Input(string name, Element type, params object[] shape) => Add(_graph, 11, ValueInfo(name, type, shape));

    public OnnxWriter Output(string name, Element type, params object[] shape) => Add(_graph, 12, ValueInfo(name, type, shape));

    public OnnxWriter Metadata(string key, string value)
    {
        _metadata[key] = value;
        return this;
    }

    public OnnxWriter Floats(string name, long[] shape, params float[] values)
    {
        var raw = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * 4), values[i]);
        return Add(_graph, 5, Tensor(name, Element.Float, shape, raw));
    }

    public OnnxWriter Longs(string name, long[] shape, params long[] values)
    {
        var raw = new byte[values.Length * 8];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * 8), values[i]);
        return Add(_graph, 5, Tensor(name, Element.Int64, shape, raw));
    }

    /// <summary>A tensor of float32 that lies in another file.</summary>
    public OnnxWriter External(string name, long[] shape, params (string Key, string Value)[] data)
    {
        var tensor = new List<byte>();
        foreach (var dimension in shape)
            Field(tensor, 1, dimension);
        Field(tensor, 2, (long)Element.Float);
        Field(tensor, 8, Encoding.UTF8.GetBytes(name));
        foreach (var (key, value) in data)
            Field(tensor, 13, Entry(key, value));
        Field(tensor, 14, 1);                                   // data_location: external
        return Add(_graph, 5, tensor);
    }

    /// <summary>A node with one output; attributes are whole numbers, lists of them, or graphs.</summary>
    public OnnxWriter Node(string type, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new List<byte>();
        foreach (var input in inputs)
            Field(node, 1, Encoding.UTF8.GetBytes(input));
        Field(node, 2, Encoding.UTF8.GetBytes(output));
        Field(node, 4, Encoding.UTF8.GetBytes(type));
        foreach (var (name, value) in attributes)
            Field(node, 5, Attribute(name, value));
        return Add(_graph, 1, node);
    }

    public void Save(string path)
    {
        var model = new List<byte>();
        Field(model, 1, 8);                                     // ir_version
        Field(model, 7, _graph.ToArray());
        var opset = new List<byte>();
        Field(opset, 2, 17);
        Field(model, 8, opset.ToArray());
        foreach (var (key, value) in _metadata)
            Field(model, 14, Entry(key, value));

        File.WriteAllBytes(path, model.ToArray());
    }

    private static byte[] Entry(string key, string value)
    {
        var entry = new List<byte>();
        Field(entry, 1, Encoding.UTF8.GetBytes(key));
        Field(entry, 2, Encoding.UTF8.GetBytes(value));
        return entry.ToArray();
    }

    private static byte[] Attribute(string name, object value)
    {
        const long integer = 2;
        const long graph = 5;
        const long integers = 7;
        var attribute = new List<byte>();
        Field(attribute, 1, Encoding.UTF8.GetBytes(name));
        if (value is long[] list)
        {
            foreach (var item in list)
                Field(attribute, 8, item);
            Field(attribute, 20, integers);
        }
        else if (value is OnnxWriter inner)
        {
            Field(attribute, 6, [.. inner._graph]);
            Field(attribute, 20, graph);
        }
        else
        {
            Field(attribute, 3, Convert.ToInt64(value));
            Field(attribute, 20, integer);
        }

        return attribute.ToArray();
    }

    private static byte[] Tensor(string name, Element type, long[] shape, byte[] raw)
    {
        var tensor = new List<byte>();
        foreach (var dimension in shape)
            Field(tensor, 1, dimension);
        Field(tensor, 2, (long)type);
        Field(tensor, 8, Encoding.UTF8.GetBytes(name));
        Field(tensor, 9, raw);
        return tensor.ToArray();
    }

    private static List<byte> ValueInfo(string name, Element type, object[] shape)
    {
        var dimensions = new List<byte>();
        foreach (var size in shape)
        {
            var dimension = new List<byte>();
            if (size is string symbol)
                Field(dimension, 2, Encoding.UTF8.GetBytes(symbol));
            else
                Field(dimension, 1, Convert.ToInt64(size));
            Field(dimensions, 1, dimension.ToArray());
        }

        var tensorType = new List<byte>();
        Field(tensorType, 1, (long)type);
        Field(tensorType, 2, dimensions.ToArray());
        var valueType = new List<byte>();
        Field(valueType, 1, tensorType.ToArray());
        var info = new List<byte>();
        Field(info, 1, Encoding.UTF8.GetBytes(name));
        Field(info, 2, valueType.ToArray());
        return info;
    }

    private OnnxWriter Add(List<byte> target, int field, List<byte> message) => Add(target, field, message.ToArray());

    private OnnxWriter Add(List<byte> target, int field, byte[] message)
    {
        Field(target, field, message);
        return this;
    }

    private static void Field(List<byte> target, int field, long value)
    {
        Varint(target, (ulong)field << 3);
        Varint(target, (ulong)value);
    }

    private static void Field(List<byte> target, int field, byte[] value)
    {
        Varint(target, (ulong)field << 3 | 2);
        Varint(target, (ulong)value.Length);
        target.AddRange(value);
    }

    private static void Varint(List<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            target.Add((byte)(value | 0x80));
        target.Add((byte)value);
    }
}
