using System.Buffers;
using System.Text;

namespace Serve.Inference.Onnx.Rewriting;

/// <summary>Writes fields of the Protocol Buffers wire format.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    /// <summary>A whole number.</summary>
    public WireWriter Field(int number, long value)
    {
        Varint((ulong)number << 3);
        Varint((ulong)value);
        return this;
    }

    /// <summary>Text.</summary>
    public WireWriter Field(int number, string value) => Field(number, Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes, or a message.</summary>
    public WireWriter Field(int number, ReadOnlySpan<byte> value)
    {
        Head(number, value.Length);
        _bytes.Write(value);
        return this;
    }

    /// <summary>The beginning of a field whose bytes follow.</summary>
    public WireWriter Head(int number, long length)
    {
        Varint(((ulong)number << 3) | 2);
        Varint((ulong)length);
        return this;
    }

    /// <summary>Fields that are written already.</summary>
    public WireWriter Raw(ReadOnlySpan<byte> fields)
    {
        _bytes.Write(fields);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Write([(byte)(value | 0x80)]);
        _bytes.Write([(byte)value]);
    }
}
