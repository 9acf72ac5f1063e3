using System.Security.Cryptography;

namespace Serve.Eval.Json;

/// <summary>Reads a document from front to back, in windows; a window grows only where a single record is longer.</summary>
/// <param name="stream">The document.</param>
/// <param name="assembly">Takes what is found.</param>
/// <param name="hash">Takes every byte, where given.</param>
/// <param name="windowLength">Length of the windows.</param>
internal sealed class StreamReading<TParser>(Stream stream, DocumentAssembly<TParser> assembly, IncrementalHash? hash, int windowLength)
    where TParser : DocumentParser
{
    private readonly DocumentBuffer buffer = new();
    // Of the bytes that are dropped: how many lines end in them, and where the line begins that they end in.
    private long lines;
    private long lineStart;

    /// <summary>Reads to the end.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var parser = assembly.NewParser();
        buffer.Clear(0, windowLength);
        await FillAsync(ct);
        lineStart = parser.State.Offset = DocumentBuffer.MarkLengthOf(buffer.From(0));
        while (parser.NeedsMore(buffer, long.MaxValue))
        {
            assembly.Take(parser, Locate);
            Drop(parser.State.Offset);
            if (buffer.Room.Length == 0)
                buffer.Grow(assembly.Source);
            await FillAsync(ct);
        }
        assembly.Take(parser, Locate);
    }

    private async Task FillAsync(CancellationToken ct)
    {
        var room = buffer.Room;
        var read = await stream.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, ct);
        hash?.AppendData(room.Span[..read]);
        buffer.Add(read, isFinal: read < room.Length);
    }

    private void Drop(long offset)
    {
        (lines, lineStart) = Count(offset);
        buffer.Drop(offset);
    }

    private (long Line, long Column) Locate(long offset)
    {
        var (before, start) = Count(offset);
        return (before + 1, offset - start + 1);
    }

    private (long Lines, long LineStart) Count(long offset)
    {
        var bytes = buffer.Between(buffer.Offset, offset);
        var last = bytes.LastIndexOf((byte)'\n');
        return last < 0 ? (lines, lineStart) : (lines + bytes.Count((byte)'\n'), buffer.Offset + last + 1);
    }
}
