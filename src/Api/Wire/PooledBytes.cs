using System.Buffers;

namespace Serve.Api.Wire;

/// <summary>
/// Bytes that grow in arrays of a pool: a body that is read, or an answer that is written. What was given out is void once it is disposed or has grown.
/// Written by one thread at a time; disposing is safe from any, and more than once.
/// </summary>
internal sealed class PooledBytes(int capacity = PooledBytes.FirstCapacity) : IBufferWriter<byte>, IDisposable
{
    private const int FirstCapacity = 4096;

    // A claimed length is not worth more memory than this before its bytes arrive.
    private const int LargestFirstBuffer = 1 << 20;
    private const int FirstBuffer = 64 << 10;

    private byte[]? _array = BodyArrays.Rent(Math.Max(capacity, 1));

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; may be written, as when base64 is decoded in place.</summary>
    public Memory<byte> Memory => Array.AsMemory(0, Length);

    /// <summary>The bytes, as streams take them.</summary>
    public ArraySegment<byte> Segment => new(Array, 0, Length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBytes));

    /// <summary>A buffer for a body of which the length may be known.</summary>
    /// <param name="length">What the client says, which is believed up to some size.</param>
    /// <param name="limit">Most bytes that are allowed.</param>
    public static PooledBytes ForBody(long? length, int limit)
        // One byte more than the body holds, so that its end is seen without growing.
        => new((int)Math.Min(Math.Min(length ?? FirstBuffer, LargestFirstBuffer), limit) + 1);

    /// <summary>Reads a stream to its end, or until it has more bytes than are allowed.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="length">Its length, when it is known.</param>
    /// <param name="limit">Most bytes. Of a longer stream <paramref name="limit"/> + 1 bytes are read: the caller tells by <see cref="Length"/>.</param>
    /// <param name="ct">Cancels.</param>
    public static async ValueTask<PooledBytes> ReadAsync(Stream stream, long? length, int limit, CancellationToken ct)
    {
        var bytes = ForBody(length, limit);
        try
        {
            while (bytes.Length <= limit)
            {
                var room = bytes.GetMemory();
                var read = await stream.ReadAsync(room.Length > limit + 1 - bytes.Length ? room[..(limit + 1 - bytes.Length)] : room, ct);
                if (read == 0)
                    break;
                bytes.Length += read;
            }
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.Length - Length);
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return Array.AsMemory(Length);
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
    public void Abandon() => _array = null;

    /// <inheritdoc/>
    public void Dispose()
    {
        // Twice would give the array to two owners.
        if (Interlocked.Exchange(ref _array, null) is { } array)
            BodyArrays.Return(array);
    }

    private void Grow(int wanted)
    {
        var array = Array;
        if (array.Length - Length >= Math.Max(wanted, 1))
            return;
        var size = Math.Min(Math.Max((long)Length + Math.Max(wanted, 1), 2L * array.Length), System.Array.MaxLength);
        if (size < (long)Length + wanted)
            throw new InvalidOperationException($"{Length + (long)wanted:N0} bytes do not fit into one array.");
        var larger = BodyArrays.Rent((int)size);
        array.AsSpan(0, Length).CopyTo(larger);
        BodyArrays.Return(array);
        _array = larger;
    }
}
