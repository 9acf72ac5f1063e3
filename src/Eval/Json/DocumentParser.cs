using System.Text;

namespace Serve.Eval.Json;

/// <summary>
/// Reads a document that is a list of records, or an object with lists of records: any part of it, as long as it is told how the document stands there.
/// Deriving classes say which lists there are and read a record; what they find is theirs until they are emptied.
/// </summary>
/// <param name="lists">Names of the records of each list, in the singular.</param>
internal abstract unsafe class DocumentParser(params string[] lists)
{
    // With so many bytes at hand a record is at fault rather than cut off, which is worth a closer look.
    private const int Patience = 1 << 16;

    private readonly List<int> opened = [];
    private DocumentState state;

    private enum Outcome
    {
        Done,
        Incomplete,
        Faulty,
    }

    /// <summary>How far the document is read.</summary>
    public ref DocumentState State => ref state;

    /// <summary>The fault that reading stopped at, if any.</summary>
    public DocumentFault? Fault { get; protected set; }

    /// <summary>Records read of each list, since it was emptied.</summary>
    public long[] Counts { get; } = new long[lists.Length];

    /// <summary>Lists that began, since it was emptied, in their order.</summary>
    public IReadOnlyList<int> Opened => opened;

    /// <summary>Whether the root is a list; otherwise it is an object.</summary>
    protected abstract bool RootIsList { get; }

    /// <summary>Forgets all that was found; the state is kept.</summary>
    public virtual void Clear()
    {
        Fault = null;
        opened.Clear();
        Array.Clear(Counts);
    }

    /// <summary>Goes on as far as the bytes allow.</summary>
    /// <param name="buffer">Part of the document, in which the state lies.</param>
    /// <param name="stop">Place in the document from which on no record is begun.</param>
    /// <returns>True where more bytes are needed; false when done, or at a <see cref="Fault"/>.</returns>
    public bool NeedsMore(DocumentBuffer buffer, long stop)
    {
        if (Run(buffer, stop) is not Outcome.Incomplete)
            return false;
        var rest = buffer.From(state.Offset);
        if (!buffer.IsFinal && rest.Length < Patience)
            return true;
        var reason = SyntaxReason.Find(Beginning(), rest, buffer.IsFinal);
        if (reason is null && !buffer.IsFinal)
            return true;
        Fault = state.Place is DocumentPlace.Start && rest.Length > 0 ? new SyntaxFault(state.Offset, SyntaxReason.NoJson(rest))
            : reason is var (at, text) ? new SyntaxFault(state.Offset + at, text)
            : new SyntaxFault(state.Offset, "a value cannot be read.");
        return false;
    }

    /// <summary>Looks for the first record that begins in a range, and takes its place for the state. It may be mistaken, as a text may hold anything.</summary>
    /// <param name="buffer">Part of the document, with some bytes before the range.</param>
    /// <param name="from">Place in the document.</param>
    /// <param name="to">Place in the document, behind the range.</param>
    public bool TryGuess(DocumentBuffer buffer, long from, long to)
    {
        var p = buffer.AddressOf(from);
        var end = buffer.AddressOf(Math.Min(to, buffer.Offset + buffer.Count));
        while (p < end)
        {
            var brace = new ReadOnlySpan<byte>(p, (int)(end - p)).IndexOf((byte)'{');
            if (brace < 0)
                return false;
            p += brace;
            if (FollowsRecord(p, buffer.Start) && GuessList(p) is var list and >= 0)
            {
                state = new() { Place = DocumentPlace.Record, List = list, Offset = buffer.Offset + (p - buffer.Start) };
                return true;
            }
            p++;
        }
        return false;
    }

    /// <summary>The list of a name of the root object; -1 for none.</summary>
    protected abstract int ListOf(ReadOnlySpan<byte> name);

    /// <summary>The list that a record seems to belong to; -1 for none.</summary>
    protected abstract int GuessList(byte* record);

    /// <summary>Reads a record that begins with a brace.</summary>
    /// <returns>What follows it; null where it is no JSON, the bytes end, or it is at <see cref="Fault"/>.</returns>
    protected abstract byte* Read(int list, byte* p);

    /// <summary>The fault of a document whose root is something else.</summary>
    protected abstract ContentFault WrongRoot(byte first);

    /// <summary>Records the fault of the record that is being read.</summary>
    protected byte* Fail(int list, long? id, string text)
    {
        Fault = new RecordFault(list, lists[list], Counts[list], id, text);
        return null;
    }

    private static bool FollowsRecord(byte* p, byte* start)
    {
        while (--p >= start && *p is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
        }
        if (p < start || *p != ',')
            return p >= start && *p == '[';
        while (--p >= start && *p is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
        }
        return p >= start && *p == '}';
    }

    private Outcome Run(DocumentBuffer buffer, long stop)
    {
        byte* p = buffer.AddressOf(state.Offset), end = buffer.End, stopAt = buffer.AddressOf(stop);
        while (true)
        {
            p = JsonSyntax.AfterSpace(p);
            if ((p >= stopAt && state.Place is not DocumentPlace.ListNext) || (p == end && buffer.IsFinal && state.Place is DocumentPlace.End))
                return Leave(p, Outcome.Done);
            var next = state.Place is DocumentPlace.Record ? Records(p, stopAt, out p) : Step(p, out p);
            if (next == null)
                return Leave(p, Fault is not null ? Outcome.Faulty : p >= stopAt && state.Place is DocumentPlace.Skipped ? Outcome.Done : Outcome.Incomplete);
            p = next;
        }

        Outcome Leave(byte* at, Outcome outcome)
        {
            state.Offset = buffer.Offset + (at - buffer.Start);
            return outcome;
        }
    }

    // One record after another, until the list ends or the bytes do.
    private byte* Records(byte* p, byte* stopAt, out byte* at)
    {
        var list = state.List;
        while (true)
        {
            at = p;
            var next = *p == '{' ? Read(list, p) : NoRecord(p);
            if (next == null)
                return null;
            Counts[list]++;
            p = JsonSyntax.AfterSpace(next);
            if (*p != ',')
            {
                state.Place = DocumentPlace.ListNext;
                return p;
            }
            p = JsonSyntax.AfterSpace(p + 1);
            if (p >= stopAt)
                return p;
        }
    }

    private byte* Step(byte* p, out byte* at)
    {
        at = p;
        switch (state.Place)
        {
            case DocumentPlace.Start:
                return Root(p);
            case DocumentPlace.RootFirst when *p == '}':
            case DocumentPlace.RootNext when *p == '}':
            case DocumentPlace.ListNext when *p == ']' && RootIsList:
            case DocumentPlace.ListFirst when *p == ']' && RootIsList:
                state.Place = DocumentPlace.End;
                return p + 1;
            case DocumentPlace.ListNext when *p == ']':
            case DocumentPlace.ListFirst when *p == ']':
                state.Place = DocumentPlace.RootNext;
                return p + 1;
            case DocumentPlace.RootFirst or DocumentPlace.RootName:
                return RootValue(p);
            case DocumentPlace.RootNext when *p == ',':
                state.Place = DocumentPlace.RootName;
                return p + 1;
            case DocumentPlace.ListNext when *p == ',':
                state.Place = DocumentPlace.Record;
                return p + 1;
            case DocumentPlace.ListFirst when *p == '{':
                state.Place = DocumentPlace.Record;
                return p;
            case DocumentPlace.ListFirst:
                return NoRecord(p);
            case DocumentPlace.Skipped:
                var next = state.Skipper.Run(p);
                if (next == null)
                    at = state.Skipper.At;
                else
                    state.Place = DocumentPlace.RootNext;
                return next;
            default:
                return null;
        }
    }

    private byte* Root(byte* p)
    {
        if (*p == (RootIsList ? '[' : '{'))
        {
            state.Place = RootIsList ? DocumentPlace.ListFirst : DocumentPlace.RootFirst;
            return p + 1;
        }
        if (*p is (byte)'[' or (byte)'{' || JsonSyntax.IsDigit(*p == '-' ? p[1] : *p) || JsonSyntax.AfterScalar(p) != null)
            Fault = WrongRoot(*p);
        return null;
    }

    private byte* RootValue(byte* p)
    {
        var after = JsonSyntax.AfterText(p);
        var value = after == null ? null : JsonSyntax.AfterColon(after);
        // The first byte of the value must be there.
        if (value == null || *value == 0)
            return null;
        var name = RecordFields.Between(p + 1, after - 1);
        var list = ListOf(name.Contains((byte)'\\') && JsonText.Decode(name) is { } text ? Encoding.UTF8.GetBytes(text) : name);
        if (list < 0)
        {
            (state.Place, state.Skipper) = (DocumentPlace.Skipped, default);
            return value;
        }
        if (*value != '[')
        {
            if (*value == '{' || JsonSyntax.AfterScalar(value) != null)
                Fault = new ContentFault($"\"{Encoding.UTF8.GetString(name)}\" is not a list; it must be an array of objects.");
            return null;
        }
        opened.Add(list);
        (state.Place, state.List) = (DocumentPlace.ListFirst, list);
        return value + 1;
    }

    private byte* NoRecord(byte* p) => *p is (byte)'[' or (byte)'{' || JsonSyntax.AfterScalar(p) != null
        ? Fail(state.List, null, "is not an object; every entry of the list must be one")
        : null;

    /// <summary>The beginning of a document that leads to the state.</summary>
    private string Beginning()
    {
        var list = RootIsList ? "[" : "{\"\":[";
        return state.Place switch
        {
            DocumentPlace.RootFirst => "{",
            DocumentPlace.RootName => "{\"\":{},",
            DocumentPlace.RootNext => "{\"\":{}",
            DocumentPlace.Skipped => "{\"\":" + state.Skipper.Beginning,
            DocumentPlace.ListFirst => list,
            DocumentPlace.Record => list + "{},",
            DocumentPlace.ListNext => list + "{}",
            DocumentPlace.End => "{}",
            _ => "",
        };
    }
}
