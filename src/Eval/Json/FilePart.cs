using Microsoft.Win32.SafeHandles;

namespace Serve.Eval.Json;

/// <summary>A part of a file, with the parser that reads it. Used for one part after another.</summary>
/// <param name="file">The file.</param>
/// <param name="assembly">Whom the parser works for.</param>
internal sealed class FilePart<TParser>(SafeFileHandle file, DocumentAssembly<TParser> assembly)
    where TParser : DocumentParser
{
    // How far back the comma between two records is looked for.
    private const int BytesBefore = 64;
    // The last record goes on behind the part.
    private const int BytesBehind = 1 << 12;

    private readonly DocumentBuffer buffer = new();
    private DocumentState guess;
    private long start;
    private long end;
    private bool isLast;

    /// <summary>Number of the part in the file, from zero.</summary>
    public int Index { get; private set; }

    /// <summary>The parser, with what it found in the part.</summary>
    public TParser Parser { get; } = assembly.NewParser();

    /// <summary>The bytes of the part.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.Between(start, Math.Min(end, buffer.Offset + buffer.Count));

    /// <summary>Reads the bytes of a part.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="start">Its place in the file.</param>
    /// <param name="end">Place of the next part.</param>
    /// <param name="isLast">Whether there is no next part.</param>
    public void Load(int index, long start, long end, bool isLast)
    {
        (Index, this.start, this.end, this.isLast) = (index, start, end, isLast);
        guess = default;
        var from = Math.Max(0, start - BytesBefore);
        var count = (int)(end - from) + BytesBehind;
        buffer.Clear(from, count);
        Fill(count);
    }

    /// <summary>Reads from the first record that seems to begin in the part.</summary>
    public void Guess()
    {
        assembly.Prepare(Parser);
        if (!Parser.TryGuess(buffer, start, end))
            return;
        guess = Parser.State;
        // A wrong guess may take the rest of the file for one text.
        if (!TryRead(2 * buffer.Count))
            guess = default;
    }

    /// <summary>Makes sure that the part is read from where it begins: where the part before it ended.</summary>
    /// <param name="reached">Where that is; becomes where this part ends.</param>
    public void ReadFrom(ref DocumentState reached)
    {
        if (!guess.IsSameRecord(reached))
        {
            Parser.Clear();
            // What the part before it had to read to its end may have passed this one.
            if (reached.Offset >= end && !isLast)
                return;
            assembly.Prepare(Parser);
            Parser.State = reached;
            if (start == 0)
                Parser.State.Offset = DocumentBuffer.MarkLengthOf(buffer.From(0));
            TryRead(int.MaxValue);
        }
        reached = Parser.State;
    }

    private bool TryRead(int mostBytes)
    {
        while (Parser.NeedsMore(buffer, isLast ? long.MaxValue : end))
        {
            if (buffer.Count >= mostBytes)
                return false;
            if (buffer.Room.Length < BytesBehind)
                buffer.Grow(assembly.Source);
            Fill(buffer.Room.Length);
        }
        return true;
    }

    private void Fill(int count)
    {
        var room = buffer.Room.Span[..count];
        var filled = 0;
        while (filled < room.Length)
        {
            var read = RandomAccess.Read(file, room[filled..], buffer.Offset + buffer.Count + filled);
            if (read == 0)
                break;
            filled += read;
        }
        buffer.Add(filled, isFinal: filled < room.Length);
    }
}
