namespace Serve.Eval.Json;

/// <summary>
/// Passes over a value that nobody needs, as strictly as if it were read. It remembers where it is: when the bytes end within the value, the next
/// run goes on at <see cref="At"/> with more of them, so that a value of any length takes no more room than one of its texts.
/// </summary>
internal unsafe struct JsonSkipper
{
    private const int LargestDepth = 64;

    // The open brackets, the innermost lowest: 1 for an object.
    private ulong kinds;
    private int depth;
    private Expected expected;

    private enum Expected : byte
    {
        Value,
        FirstValue,
        Name,
        FirstName,
        Next,
    }

    /// <summary>Where a run that came to nothing has to be taken up.</summary>
    public byte* At { get; private set; }

    private readonly bool InObject => (kinds & 1) != 0;

    /// <summary>A document's beginning that leads to the same state, from before the value on: what a fault is explained with.</summary>
    public readonly string Beginning
    {
        get
        {
            var text = "";
            for (var level = depth - 1; level >= 0; level--)
                text += (kinds >> level & 1) == 0 ? "[" : level == 0 && expected is not Expected.Value ? "{" : "{\"\":";
            return text + expected switch
            {
                Expected.Value => depth == 0 || InObject ? "" : "{},",
                Expected.Name => "\"\":{},",
                Expected.Next => InObject ? "\"\":{}" : "{}",
                _ => "",
            };
        }
    }

    /// <summary>Goes on to the end of the value.</summary>
    /// <param name="p">Where the value begins, or <see cref="At"/> of the former run.</param>
    /// <returns>What follows the value; null where it is at fault or the bytes end.</returns>
    public byte* Run(byte* p)
    {
        while (true)
        {
            p = JsonSyntax.AfterSpace(p);
            At = p;
            switch (expected)
            {
                case Expected.FirstValue when *p == ']':
                case Expected.FirstName when *p == '}':
                    p = Close(p);
                    break;
                case Expected.Value or Expected.FirstValue:
                    p = Value(p);
                    if (p == null)
                        return null;
                    break;
                case Expected.Name or Expected.FirstName:
                    if ((p = JsonSyntax.AfterText(p)) == null || (p = JsonSyntax.AfterColon(p)) == null)
                        return null;
                    expected = Expected.Value;
                    break;
                default:
                    if (*p == ',')
                    {
                        p++;
                        expected = InObject ? Expected.Name : Expected.Value;
                    }
                    else if (*p == (InObject ? '}' : ']'))
                        p = Close(p);
                    else
                        return null;
                    break;
            }
            if (depth == 0 && expected is Expected.Next)
                return p;
        }
    }

    private byte* Value(byte* p)
    {
        byte* next;
        if (*p is not ((byte)'[' or (byte)'{'))
            next = JsonSyntax.AfterScalar(p);
        else if (*p == '{' || (next = NumberArrays.After(p)) == null)
            return Open(p);
        if (next != null)
            expected = Expected.Next;
        return next;
    }

    private byte* Open(byte* p)
    {
        if (depth == LargestDepth)
            return null;
        depth++;
        kinds = kinds << 1 | (*p == '{' ? 1ul : 0);
        expected = *p == '{' ? Expected.FirstName : Expected.FirstValue;
        return p + 1;
    }

    private byte* Close(byte* p)
    {
        depth--;
        kinds >>= 1;
        expected = Expected.Next;
        return p + 1;
    }
}
