using System.Text;

namespace Serve.Inference.Onnx;

/// <summary>Bytes that are not what the Protocol Buffers wire format allows; the message says where.</summary>
internal sealed class WireFormatException(string message) : Exception(message);

/// <summary>Reads fields of the Protocol Buffers wire format from a file of any size, seeking over what is not asked for.</summary>
/// <remarks>
/// Google.Protobuf's CodedInputStream reads through what it skips, and keeps the ends of nested messages to itself: gigabytes of weights would be read to learn
/// a few names, and a length that lies would be believed.
/// </remarks>
internal sealed class WireReader
{
    private const int LongestName = 64 << 10;
    private const long MostText = 256L << 20;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 << 10];
    private long _bufferStart;
    private int _buffered;
    private int _next;
    private int _wireType;
    private long _text;

    /// <summary>Reads a stream that can seek, from its beginning.</summary>
    public WireReader(Stream stream) => (_stream, End) = (stream, stream.Length);

    /// <summary>Bytes from the beginning.</summary>
    public long Position => _bufferStart + _next;

    /// <summary>Where the message being read ends.</summary>
    public long End { get; private set; }

    /// <summary>Goes to the next field of the message being read.</summary>
    /// <returns>Its number, or 0 at the message's end.</returns>
    /// <exception cref="WireFormatException">There is no field here.</exception>
    public int NextField()
    {
        if (Position == End)
            return 0;
        var at = Position;
        var tag = Varint();
        _wireType = (int)(tag & 7);
        var field = tag >> 3;
        if (field is 0 or > 536_870_911 || _wireType is 3 or 4 or > 5)
            throw new WireFormatException($"byte {at} begins no field of a Protocol Buffers message");
        return (int)field;
    }

    /// <summary>The field's value, where it is a whole number.</summary>
    public long Whole()
    {
        Require(0, "a whole number");
        return (long)Varint();
    }

    /// <summary>The field's value, where it is a whole number or a packed list of them.</summary>
    /// <param name="list">What they are added to.</param>
    /// <param name="limit">Most numbers that the list may hold.</param>
    public void Wholes(List<long> list, int limit)
    {
        var end = _wireType == 2 ? Length("a list of whole numbers") + Position : Position + 1;
        while (Position < end)
        {
            if (list.Count == limit)
                throw new WireFormatException($"byte {Position} begins a number of a list that has {limit} already");
            list.Add(_wireType == 2 ? (long)Varint() : Whole());
        }
    }

    /// <summary>The field's value, where it is a name; invalid UTF-8 is replaced.</summary>
    public string Name() => Text(LongestName);

    /// <summary>The field's value, where it is text; invalid UTF-8 is replaced.</summary>
    /// <param name="limit">Most bytes that are believed.</param>
    public string Text(int limit)
    {
        var at = Position;
        var length = Length("text");
        if (length > limit)
            throw new WireFormatException($"byte {at} begins a text of {length} bytes; at most {limit} are read");
        if ((_text += length) > MostText)
            throw new WireFormatException($"byte {at} begins a text that makes all of them longer than {MostText} bytes");
        if (length <= _buffered - _next)
        {
            var text = Encoding.UTF8.GetString(_buffer, _next, (int)length);
            _next += (int)length;
            return text;
        }

        var bytes = new byte[length];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = Byte();
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Enters the field's value, where it is a message.</summary>
    /// <returns>What <see cref="Leave"/> wants.</returns>
    public long Enter()
    {
        var length = Length("a message");
        var outer = End;
        End = Position + length;
        return outer;
    }

    /// <summary>Leaves a message, wherever in it the reader stands.</summary>
    public void Leave(long outer)
    {
        Seek(End);
        End = outer;
    }

    /// <summary>Passes over the field's value.</summary>
    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                Varint();
                break;
            case 2:
                var length = Length("a value");
                Seek(Position + length);
                break;
            default:
                Need(_wireType == 1 ? 8 : 4, "a number");
                Seek(Position + (_wireType == 1 ? 8 : 4));
                break;
        }
    }

    private long Length(string what)
    {
        Require(2, what);
        var length = Varint();
        if (length > long.MaxValue)
            throw new WireFormatException($"byte {Position} follows a length that no file has");
        Need((long)length, what);
        return (long)length;
    }

    private void Need(long length, string what)
    {
        if (length > End - Position)
            throw new WireFormatException($"byte {Position} begins {what} of {length} bytes, but only {End - Position} follow: the file is truncated or damaged");
    }

    private void Require(int wireType, string what)
    {
        if (_wireType != wireType)
            throw new WireFormatException($"before byte {Position} stands a field that should be {what} and is not");
    }

    private ulong Varint()
    {
        var at = Position;
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= shift < 64 ? (ulong)(next & 0x7F) << shift : 0;
            if (next < 0x80)
                return value;
        }

        throw new WireFormatException($"byte {at} begins a number of more than ten bytes");
    }

    private byte Byte()
    {
        if (Position >= End)
            throw new WireFormatException($"a value goes on past byte {End}, where it has to end: the file is truncated or damaged");
        if (_next < _buffered)
            return _buffer[_next++];
        _bufferStart += _buffered;
        _next = 0;
        _buffered = _stream.Read(_buffer, 0, _buffer.Length);
        return _buffered > 0 ? _buffer[_next++] : throw new WireFormatException($"the file ends at byte {_bufferStart} while it is read");
    }

    private void Seek(long position)
    {
        if (position >= _bufferStart && position <= _bufferStart + _buffered)
        {
            _next = (int)(position - _bufferStart);
            return;
        }

        _stream.Position = position;
        (_bufferStart, _buffered, _next) = (position, 0, 0);
    }
}
