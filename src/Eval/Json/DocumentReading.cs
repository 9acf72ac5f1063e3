using System.IO.Compression;
using System.Security.Cryptography;

namespace Serve.Eval.Json;

/// <summary>Reads documents: files in parts by several threads, other streams from front to back. Both may be compressed by gzip.</summary>
internal static class DocumentReading
{
    /// <summary>Length of the parts of a file: a part and what is found in it stay in a core's cache.</summary>
    public const int PartLength = 1 << 17;

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
        if (stream is FileStream { CanSeek: true, Position: 0 } file && file.GetType() == typeof(FileStream))
        {
            var start = new byte[PlainStream.MarkLength];
            RandomAccess.Read(file.SafeFileHandle, start, 0);
            if (!PlainStream.IsGzip(start))
            {
                using var reading = new FileReading<TParser>(file.SafeFileHandle, assembly, hash, partLength);
                await Task.Run(() => reading.RunAsync(threads < 0 ? Environment.ProcessorCount : threads, ct), ct);
                file.Position = file.Length;
                return;
            }
        }
        await ReadInOrderAsync(stream, assembly, partLength, hash, ct);
    }

    /// <summary>Reads a stream from its current position to its end, from front to back with one parser.</summary>
    /// <param name="stream">The stream; not closed.</param>
    /// <param name="assembly">Takes what is found.</param>
    /// <param name="partLength">Length of the parts.</param>
    /// <param name="hash">Takes every byte of the JSON, where given.</param>
    /// <param name="ct">Cancels between parts.</param>
    /// <exception cref="InvalidInputException">The document is not what is expected.</exception>
    public static async Task ReadInOrderAsync<TParser>(Stream stream, DocumentAssembly<TParser> assembly, int partLength, IncrementalHash? hash, CancellationToken ct)
        where TParser : DocumentParser
    {
        await using var plain = await PlainStream.OfAsync(stream, ct);
        var isCompressed = plain is GZipStream;
        if (!isCompressed && stream.CanSeek)
            assembly.Length = stream.Length;
        try
        {
            await new StreamReading<TParser>(plain, assembly, hash, partLength).RunAsync(ct);
        }
        catch (InvalidDataException fault) when (isCompressed)
        {
            throw new InvalidInputException($"{assembly.Source}: {PlainStream.Reason(fault)}.", fault);
        }
    }
}
