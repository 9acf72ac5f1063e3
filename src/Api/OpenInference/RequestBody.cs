using System.IO.Compression;
using Microsoft.AspNetCore.Http.Features;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>Reads a request's body into pooled memory, decompressed, never more than is allowed.</summary>
internal static class RequestBody
{
    /// <summary>What bodies may be compressed with, as <c>Accept-Encoding</c> writes it.</summary>
    public const string Encodings = "gzip, deflate";

    /// <summary>Reads the body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="limit">Most bytes, both as sent and decompressed.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The bytes; the caller disposes them.</returns>
    /// <exception cref="RequestRefusedException">413: too many bytes; 415: an unknown encoding; 400: the compressed data are damaged.</exception>
    public static async Task<PooledBytes> ReadAsync(HttpRequest request, int limit, CancellationToken ct)
    {
        var encodings = EncodingsOf(request);
        var body = await ReadSentAsync(request, limit, ct);
        try
        {
            // The encodings are named in the order in which they were applied.
            for (var i = encodings.Count - 1; i >= 0; i--)
            {
                var decoded = Decompress(body, encodings[i], limit);
                body.Dispose();
                body = decoded;
            }
            return body;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static async Task<PooledBytes> ReadSentAsync(HttpRequest request, int limit, CancellationToken ct)
    {
        if (request.ContentLength > limit)
            throw Refusal.TooLarge($"The body has {request.ContentLength:N0} bytes; at most {limit:N0} are allowed.", limit);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = limit;

        var body = PooledBytes.ForBody(request.ContentLength, limit);
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync(ct);
                if (read.Buffer.Length > limit - body.Length)
                    throw Refusal.TooLarge($"The body has more than the {limit:N0} bytes that are allowed.", limit);
                foreach (var part in read.Buffer)
                    part.Span.CopyTo(body.Take(part.Length));
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static List<string> EncodingsOf(HttpRequest request)
    {
        List<string> encodings = [];
        foreach (var header in request.Headers.ContentEncoding)
            foreach (var part in (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                switch (part.ToLowerInvariant())
                {
                    case "identity":
                        break;
                    case "gzip" or "x-gzip":
                        encodings.Add("gzip");
                        break;
                    case "deflate":
                        encodings.Add("deflate");
                        break;
                    default:
                        throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType,
                            $"The content encoding \"{part}\" is not read here; send {Encodings} or identity.");
                }
        return encodings.Count <= 2 ? encodings
            : throw new RequestRefusedException(StatusCodes.Status415UnsupportedMediaType, $"The body is compressed {encodings.Count} times over; at most twice is read here.");
    }

    private static PooledBytes Decompress(PooledBytes body, string encoding, int limit)
    {
        var decoded = PooledBytes.ForBody(4L * body.Length, limit);
        try
        {
            using var source = new MemoryStream(body.Segment.Array!, 0, body.Length, writable: false);
            using var stream = Open(source, body, encoding);
            while (true)
            {
                var read = stream.Read(decoded.GetSpan(4096));
                if (read == 0)
                    return decoded;
                decoded.Advance(read);
                if (decoded.Length > limit)
                    throw Refusal.TooLarge($"The body has more than {limit:N0} bytes once decompressed; at most so many are allowed.", limit);
            }
        }
        catch (InvalidDataException)
        {
            decoded.Dispose();
            throw Refusal.Request($"The body is not {encoding}, as its Content-Encoding says, or is damaged.");
        }
        catch
        {
            decoded.Dispose();
            throw;
        }
    }

    private static Stream Open(MemoryStream source, PooledBytes body, string encoding)
        => encoding == "gzip" ? new GZipStream(source, CompressionMode.Decompress)
            : HasZlibHeader(body.Memory.Span) ? new ZLibStream(source, CompressionMode.Decompress)
            : new DeflateStream(source, CompressionMode.Decompress);

    // HTTP's "deflate" is the zlib format (RFC 9110, 8.4.1.2); some clients send it without zlib's header.
    private static bool HasZlibHeader(ReadOnlySpan<byte> body) => body.Length >= 2 && (body[0] & 0x0f) == 8 && ((body[0] << 8) | body[1]) % 31 == 0;
}
