using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>The limit on one encoded picture.</summary>
internal static class PictureLimit
{
    /// <summary>Reads one encoded picture, never more than is allowed.</summary>
    /// <param name="stream">The encoded picture.</param>
    /// <param name="length">Its length, when it is known.</param>
    /// <param name="limits">Where <see cref="ServeOptions.MaxBytes"/> is.</param>
    /// <param name="what">How messages name the picture.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestRefusedException">413: the picture has more bytes than the limit.</exception>
    public static async ValueTask<PooledBytes> ReadAsync(Stream stream, long? length, ServeOptions limits, string what, CancellationToken ct)
    {
        var bytes = await PooledBytes.ReadAsync(stream, length, limits.MaxBytes, ct);
        if (bytes.Length <= limits.MaxBytes)
            return bytes;
        bytes.Dispose();
        throw TooLarge(limits, what);
    }

    /// <summary>The refusal of a picture of too many bytes.</summary>
    public static RequestRefusedException TooLarge(ServeOptions limits, string what)
        => new RequestRefusedException(StatusCodes.Status413PayloadTooLarge, $"{what} has more than the {limits.MaxBytes:N0} bytes that are allowed.")
            .With("maxBytes", limits.MaxBytes);
}
