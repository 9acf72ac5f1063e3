using System.IO.Compression;

namespace Serve.Eval.Json;

/// <summary>Documents that may be compressed by gzip, which their first bytes tell.</summary>
internal static class PlainStream
{
    /// <summary>How many bytes tell it.</summary>
    public const int MarkLength = 2;

    private static ReadOnlySpan<byte> GzipMark => [0x1F, 0x8B];

    /// <summary>Whether a document that begins so is compressed.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> start) => start.StartsWith(GzipMark);

    /// <summary>The document itself, from the stream's current position on. Its disposal leaves the stream open.</summary>
    /// <returns>A <see cref="GZipStream"/> where the document is compressed; reading it throws <see cref="InvalidDataException"/> where it is none after all.</returns>
    public static async Task<Stream> OfAsync(Stream stream, CancellationToken ct)
    {
        var start = new byte[MarkLength];
        var read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct);
        var whole = new ResumedStream(start.AsMemory(0, read), stream);
        return IsGzip(start) ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    /// <summary>What is wrong with a document that only begins as a compressed one: a sentence whose subject is its name, without its full stop.</summary>
    public static string Reason(InvalidDataException fault) => $"begins as a gzip file does, but is none: {fault.Message.TrimEnd('.')}";
}
