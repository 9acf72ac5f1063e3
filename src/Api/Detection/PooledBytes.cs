using System.Buffers;

namespace Serve.Api.Detection;

/// <summary>Bytes that arrive one after the other, in a pooled array. Disposing gives the array back, after which nothing may read the bytes.</summary>
internal sealed class PooledBytes : IDisposable
{
    // A claimed length is not worth more memory than this before its bytes arrive.
    private const int LargestFirstBuffer = 1 << 20;
    private const int FirstBuffer = 64 << 10;

    private byte[] _array;

    private PooledBytes(int capacity) => _array = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes; may be written, as when base64 is decoded in place.</summary>
    public Memory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>Reads a stream to its end, or until it has more bytes than are allowed.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="length">Its length, when it is known.</param>
    /// <param name="limit">Most bytes. Of a longer stream <paramref name="limit"/> + 1 bytes are read: the caller tells by <see cref="Length"/>.</param>
    /// <param name="ct">Cancels.</param>
    public static async ValueTask<PooledBytes> ReadAsync(Stream stream, long? length, int limit, CancellationToken ct)
    {
        // One byte more than the stream holds, so that its end is seen without growing.
        var bytes = new PooledBytes((int)Math.Min(Math.Min(length ?? FirstBuffer, LargestFirstBuffer), limit) + 1);
        try
        {
            while (bytes.Length <= limit)
            {
                var room = bytes._array.AsMemory(bytes.Length);
                var read = await stream.ReadAsync(room.Length > limit + 1 - bytes.Length ? room[..(limit + 1 - bytes.Length)] : room, ct);
                if (read == 0)
                    break;
                bytes.Length += read;
                if (bytes.Length == bytes._array.Length)
                    bytes.Grow(limit);
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
    public void Dispose()
    {
        // Twice would give the array to two owners.
        if (Interlocked.Exchange(ref _array, []) is { Length: > 0 } array)
            ArrayPool<byte>.Shared.Return(array);
        Length = 0;
    }

    private void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(2L * _array.Length, FirstBuffer), limit + 1L));
        _array.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
