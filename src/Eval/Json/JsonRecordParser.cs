using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Serve.Eval.Json;

/// <summary>
/// Reads a UTF-8 JSON document of any length, one record at a time: the buffer holds a window of the file, and grows only when a
/// single record is longer than the window. Deriving classes say what a step is.
/// </summary>
/// <param name="source">Name of the document in messages.</param>
internal abstract class JsonRecordParser(string source)
{
    private const int WindowBytes = 1 << 20;
    private const int LongestRecordBytes = 1 << 30;

    /// <summary>Name of the document in messages.</summary>
    protected string Source { get; } = source;

    /// <summary>
    /// Consumes one token or one whole record. Answers false when the window ends too early (or the document does); the reader is then
    /// put back, and the step comes again with more bytes. So a step changes nothing outside itself before it is sure to succeed.
    /// </summary>
    protected abstract bool Step(ref Utf8JsonReader reader);

    /// <summary>The error for a faulty record: file, kind and place of the record (counted from one), its id where known, and the fault.</summary>
    protected InvalidInputException RecordFault(string kind, int number, long? id, RecordFields fields)
    {
        var name = id is null ? "" : $" (id {id})";
        return new($"{Source}: {kind} #{number}{name}: {fields.Fault}.");
    }

    /// <summary>Reads the document to its end.</summary>
    /// <param name="stream">The document; read from its current position.</param>
    /// <param name="hash">Takes every byte, where given.</param>
    /// <param name="ct">Cancels between windows.</param>
    /// <exception cref="InvalidInputException">The document is not JSON, or not what the deriving class expects.</exception>
    protected async Task ParseAsync(Stream stream, IncrementalHash? hash, CancellationToken ct)
    {
        var state = new JsonReaderState();
        var window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        var filled = 0;
        var first = true;
        try
        {
            while (true)
            {
                var wanted = window.Length - filled;
                var read = await stream.ReadAtLeastAsync(window.AsMemory(filled), wanted, throwOnEndOfStream: false, ct);
                hash?.AppendData(window, filled, read);
                filled += read;
                var isFinal = read < wanted;

                // A byte order mark is not JSON, but editors put it there.
                var mark = first && window.AsSpan(0, filled).StartsWith("\uFEFF"u8) ? 3 : 0;
                first = false;
                var consumed = mark + Consume(window.AsSpan(mark, filled - mark), isFinal, ref state);
                if (isFinal)
                    return;

                window.AsSpan(consumed, filled - consumed).CopyTo(window);
                filled -= consumed;
                if (filled == window.Length)
                    window = Grow(window);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private int Consume(ReadOnlySpan<byte> window, bool isFinal, ref JsonReaderState state)
    {
        var reader = new Utf8JsonReader(window, isFinal, state);
        try
        {
            while (true)
            {
                var before = reader;
                if (Step(ref reader))
                    continue;
                state = before.CurrentState;
                return (int)before.BytesConsumed;
            }
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"{Source}: not valid JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: {Reason(fault)}", fault);
        }
    }

    private byte[] Grow(byte[] window)
    {
        if (window.Length >= LongestRecordBytes)
            throw new InvalidInputException($"{Source}: a single record is longer than {LongestRecordBytes >> 20} MiB, which is the limit.");
        var larger = ArrayPool<byte>.Shared.Rent(window.Length * 2);
        window.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(window);
        return larger;
    }

    // The library appends the position, counted from zero, which the message already gives counted from one.
    private static string Reason(JsonException fault) => fault.Message.Split(" LineNumber:")[0];
}
