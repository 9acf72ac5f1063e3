using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Serve.Eval.Checks;
using Serve.Eval.Json;

namespace Serve.Eval.Formats.Coco;

/// <summary>
/// Walks through the records of a COCO annotation file, whatever is wrong with them: only what is not JSON at all ends the walk. Slower than the
/// reader of evaluations, which stops at the first fault.
/// </summary>
/// <param name="file">Name of the file in messages.</param>
/// <param name="onRecord">Gets each entry of the three lists: name of the list, number of the entry from one, and the entry, valid during the call.</param>
/// <param name="faults">Is told what is wrong with the document.</param>
internal sealed class JsonListWalker(string file, Action<string, int, JsonElement> onRecord, IFaultSink faults)
{
    private const int WindowBytes = 1 << 20;
    private const int LongestRecordBytes = 1 << 30;

    private static readonly string[] Lists = ["images", "annotations", "categories"];

    private readonly HashSet<string> seen = [];
    private readonly NotANumberMask mask = new();
    private Place place = Place.Start;
    private string list = "";
    private int number;
    private int skippedDepth;
    private bool stopped;

    private enum Place
    {
        Start,
        Root,
        List,
        Skipped,
        End,
    }

    /// <summary>Walks to the end, or to where the document stops being JSON.</summary>
    public async Task WalkAsync(Stream stream, IncrementalHash hash, CancellationToken ct)
    {
        var window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        var (filled, masked, first) = (0, 0, true);
        var state = new JsonReaderState();
        try
        {
            while (true)
            {
                var wanted = window.Length - filled;
                var read = await stream.ReadAtLeastAsync(window.AsMemory(filled), wanted, throwOnEndOfStream: false, ct);
                hash.AppendData(window, filled, read);
                filled += read;
                var isFinal = read < wanted;
                // A byte order mark is not JSON, but editors put it there.
                var mark = first && window.AsSpan(0, filled).StartsWith("\uFEFF"u8) ? 3 : 0;
                first = false;
                masked = mask.Apply(window.AsSpan(0, filled), masked, isFinal);
                if (Consume(window.AsSpan(mark, filled - mark), isFinal, ref state) is not { } consumed || isFinal)
                    break;
                consumed += mark;
                window.AsSpan(consumed, filled - consumed).CopyTo(window);
                filled -= consumed;
                masked -= consumed;
                if (filled == window.Length)
                    window = Grow(window);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
        if (place is Place.End && !seen.Contains("images"))
            Report(FaultKinds.MissingList, "images", "is missing; a COCO dataset has \"images\", \"categories\" and \"annotations\"");
        // The last window goes on to nobody, so the rest of the hash is read here.
        await HashRestAsync(stream, hash, ct);
    }

    // Null where the walk ends for good.
    private int? Consume(ReadOnlySpan<byte> window, bool isFinal, ref JsonReaderState state)
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
                return stopped ? null : (int)before.BytesConsumed;
            }
        }
        catch (JsonException fault)
        {
            var reason = SyntaxReason.Of(fault).TrimEnd('.');
            faults.Report(new(FaultKinds.UnreadableFile, new(file, $"line {fault.LineNumber + 1}"), "", $"is not valid JSON at byte {fault.BytePositionInLine + 1}: {reason}"));
            return null;
        }
    }

    private bool Step(ref Utf8JsonReader reader) => place switch
    {
        Place.Root => StepRoot(ref reader),
        Place.List => StepRecord(ref reader),
        Place.Skipped => StepSkipped(ref reader),
        Place.Start => StepStart(ref reader),
        _ => reader.Read(),
    };

    private bool StepStart(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.StartObject)
        {
            place = Place.Root;
            return true;
        }
        var what = reader.TokenType is JsonTokenType.StartArray ? "starts with an array, as a list of detections does" : "holds a single value";
        Report(FaultKinds.UnreadableFile, "", $"{what}; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\"");
        stopped = true;
        return false;
    }

    private bool StepRoot(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.EndObject)
        {
            place = Place.End;
            return true;
        }
        var name = NameOf(ref reader);
        if (!reader.Read())
            return false;
        if (name is not null && reader.TokenType is JsonTokenType.StartArray)
        {
            if (!seen.Add(name))
                Report(FaultKinds.MissingList, name, "occurs twice; once is allowed");
            (place, list, number) = (Place.List, name, 0);
            return true;
        }
        if (name is not null)
        {
            seen.Add(name);
            Report(FaultKinds.MissingList, name, "is not a list; it must be an array of objects");
        }
        skippedDepth = reader.CurrentDepth;
        place = reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? Place.Skipped : Place.Root;
        return true;
    }

    private static string? NameOf(ref Utf8JsonReader reader)
    {
        var name = JsonText.Decode(reader.ValueSpan);
        return Lists.Contains(name) ? name : null;
    }

    // Token by token, so that a long list that nobody needs does not have to fit into the window.
    private bool StepSkipped(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.CurrentDepth == skippedDepth && reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            place = Place.Root;
        return true;
    }

    private bool StepRecord(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.EndArray)
        {
            place = Place.Root;
            return true;
        }
        if (!JsonDocument.TryParseValue(ref reader, out var document))
            return false;
        using (document)
            onRecord(list, ++number, document.RootElement);
        return true;
    }

    private void Report(FaultKind kind, string field, string text) => faults.Report(new(kind, new(file, ""), field, text));

    private static async Task HashRestAsync(Stream stream, IncrementalHash hash, CancellationToken ct)
    {
        var rest = ArrayPool<byte>.Shared.Rent(WindowBytes);
        for (int read; (read = await stream.ReadAsync(rest, ct)) > 0;)
            hash.AppendData(rest, 0, read);
        ArrayPool<byte>.Shared.Return(rest);
    }

    private byte[] Grow(byte[] window)
    {
        if (window.Length >= LongestRecordBytes)
            throw new InvalidInputException($"{file}: a single record is longer than {LongestRecordBytes >> 20} MiB, which is the limit.");
        var larger = ArrayPool<byte>.Shared.Rent(window.Length * 2);
        window.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(window);
        return larger;
    }
}
