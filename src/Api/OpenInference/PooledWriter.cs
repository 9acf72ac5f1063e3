using System.Buffers;

namespace Serve.Api.OpenInference;

/// <summary>Bytes that grow in arrays of the shared pool. Not thread-safe; what it gave out is void once it is disposed or has grown.</summary>
internal sealed class PooledWriter(int capacity = PooledWriter.FirstCapacity) : IBufferWriter<byte>, IDisposable
{
    private const int FirstCapacity = 4096;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 1));

    /// <summary>Number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written.</summary>
    public Memory<byte> Written => Buffer.AsMemory(0, Length);

    /// <summary>The bytes written, as streams take them.</summary>
    public ArraySegment<byte> Segment => new(Buffer, 0, Length);

    private byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(PooledWriter));

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Buffer.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return Buffer.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Room for exactly so many bytes, counted as written, not cleared.</summary>
    public Span<byte> Take(int count)
    {
        var room = GetSpan(count)[..count];
        Length += count;
        return room;
    }

    /// <summary>Leaves the memory to the garbage collector instead of the pool: somebody may still read it.</summary>
    public void Abandon() => _buffer = null;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    private void Grow(int wanted)
    {
        var buffer = Buffer;
        var free = buffer.Length - Length;
        if (free >= Math.Max(wanted, 1))
            return;
        var size = Math.Min(Math.Max((long)Length + Math.Max(wanted, 1), 2L * buffer.Length), Array.MaxLength);
        if (size < (long)Length + wanted)
            throw new InvalidOperationException($"{Length + (long)wanted:N0} bytes do not fit into one array.");
        var larger = ArrayPool<byte>.Shared.Rent((int)size);
        buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        _buffer = larger;
    }
}
