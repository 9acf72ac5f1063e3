using System.IO.Compression;
using System.Security.Cryptography;

namespace Serve.Eval.Json;

/// <summary>Reads documents: files in parts by several threads, other streams from front to back. Both may be compressed by gzip.</summary>
internal static class DocumentReading
{
    /// <summary>Length of the parts of a file: a part and what is found in it stay in a core's cache.</summary>
    public const int PartLength = 1 << 17;

    private static ReadOnlySpan<byte> GzipMark => [0x1F, 0x8B];

    /// <summary>Reads a stream from its current position to its end.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="assembly">Takes what is found.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="partLength">Length of the parts.</param>
    /// <param name="hash">Takes every byte of the JSON, where given.</param>
    /// <param name="ct">Cancels between parts.</param>
    /// <exception cref="InvalidInputException">The document is not what is expected.</exception>
    public static async Task ReadAsync<TParser>(
        Stream stream, DocumentAssembly<TParser> assembly, int threads, int partLength, IncrementalHash? hash, CancellationToken ct)
        where TParser : DocumentParser
    {
        if (stream is FileStream { CanSeek: true, Position: 0 } file && file.GetType() == typeof(FileStream) && !IsCompressed(file))
        {
            using var reading = new FileReading<TParser>(file.SafeFileHandle, assembly, hash, partLength);
            await Task.Run(() => reading.RunAsync(threads < 0 ? Environment.ProcessorCount : threads, ct), ct);
            file.Position = file.Length;
            return;
        }
        await UnpackAsync(stream, assembly.Source, async (plain, isCompressed) =>
        {
            assembly.Length = stream.CanSeek && !isCompressed ? stream.Length : 0;
            await new StreamReading<TParser>(plain, assembly, hash, partLength).RunAsync(ct);
        }, ct);
    }

    /// <summary>Only hashes a stream from its current position to its end.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="hash">Takes every byte of the JSON.</param>
    /// <param name="ct">Cancels between parts.</param>
    public static Task HashAsync(Stream stream, string source, IncrementalHash hash, CancellationToken ct)
        => UnpackAsync(stream, source, async (plain, _) =>
        {
            var part = new byte[PartLength];
            int count;
            while ((count = await plain.ReadAsync(part, ct)) > 0)
                hash.AppendData(part, 0, count);
        }, ct);

    private static bool IsCompressed(FileStream file)
    {
        Span<byte> start = stackalloc byte[GzipMark.Length];
        return RandomAccess.Read(file.SafeFileHandle, start, 0) == start.Length && start.SequenceEqual(GzipMark);
    }

    private static async Task UnpackAsync(Stream stream, string source, Func<Stream, bool, Task> read, CancellationToken ct)
    {
        var start = new byte[GzipMark.Length];
        var count = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct);
        await using var whole = new ResumedStream(start.AsMemory(0, count), stream);
        if (!start.AsSpan().SequenceEqual(GzipMark))
        {
            await read(whole, false);
            return;
        }
        await using var plain = new GZipStream(whole, CompressionMode.Decompress);
        try
        {
            await read(plain, true);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidInputException($"{source}: begins as a gzip file does, but is none: {fault.Message}", fault);
        }
    }
}
