using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>Reads one encoded picture, never more than is allowed.</summary>
internal static class PictureBytes
{
    private const int FirstBuffer = 64 << 10;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The encoded picture.</param>
    /// <param name="length">Its length, when it is known.</param>
    /// <param name="limits">Where <see cref="ServeOptions.MaxBytes"/> is.</param>
    /// <param name="what">How messages name the picture.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">413: the picture has more bytes than the limit.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, long? length, ServeOptions limits, string what, CancellationToken ct)
    {
        // A claimed length is not worth memory before its bytes arrive, beyond a first buffer.
        var buffer = new byte[Math.Clamp(length ?? FirstBuffer, 1, Math.Min(limits.MaxBytes, FirstBuffer))];
        var filled = 0;
        while (true)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(Math.Max(filled * 2L, FirstBuffer), limits.MaxBytes + 1L));
            var read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            if (read == 0)
                return buffer.AsMemory(0, filled);
            filled += read;
            RequireWithin(filled, limits, what);
        }
    }

    /// <summary>Refuses a picture of too many bytes.</summary>
    public static void RequireWithin(long bytes, ServeOptions limits, string what)
    {
        if (bytes > limits.MaxBytes)
            throw new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, $"{what} has more than the {limits.MaxBytes:N0} bytes that are allowed.")
                .With("maxBytes", limits.MaxBytes);
    }
}
