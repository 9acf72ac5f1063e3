namespace Serve.Eval.Json;

/// <summary>Puts together what parsers find in the parts of a document, in the order of the document.</summary>
/// <param name="source">Name of the document in messages.</param>
/// <param name="lists">Names of the document's lists.</param>
internal abstract class DocumentAssembly<TParser>(string source, params string[] lists)
    where TParser : DocumentParser
{
    private readonly long[] counts = new long[lists.Length];
    private readonly bool[] opened = new bool[lists.Length];

    /// <summary>Name of the document in messages.</summary>
    public string Source => source;

    /// <summary>Whether new parsers can start anywhere, and not only where the last part ended.</summary>
    public virtual bool IsReady => true;

    /// <summary>Length of the document in bytes; 0 where it is not known.</summary>
    public long Length { get; set; }

    /// <summary>Whether a list has begun.</summary>
    protected bool HasOpened(int list) => opened[list];

    /// <summary>Makes a parser.</summary>
    public abstract TParser NewParser();

    /// <summary>Tells a parser, before it starts anywhere, what the parts so far have decided.</summary>
    public virtual void Prepare(TParser parser)
    {
    }

    /// <summary>Takes what a parser found in the next part, and empties it. A fault is not told before those of the parts before it.</summary>
    /// <param name="part">The parser.</param>
    /// <param name="locate">Finds line and byte of a place in the document, both from one.</param>
    /// <exception cref="InvalidInputException">The parser stands at a fault.</exception>
    public void Take(TParser part, Func<long, (long Line, long Column)> locate)
    {
        foreach (var list in part.Opened)
        {
            if (opened[list])
                throw new InvalidInputException($"{source}: \"{lists[list]}\" occurs twice; once is allowed.");
            opened[list] = true;
        }
        if (part.Fault is { } fault)
            throw new InvalidInputException($"{source}: {Describe(fault, locate)}");
        Add(part);
        for (var list = 0; list < counts.Length; list++)
            counts[list] += part.Counts[list];
        part.Clear();
    }

    /// <summary>Adds what a parser found.</summary>
    protected abstract void Add(TParser part);

    private string Describe(DocumentFault fault, Func<long, (long Line, long Column)> locate)
    {
        switch (fault)
        {
            case RecordFault record:
                return record.Describe(counts[record.List]);
            case SyntaxFault syntax:
                var (line, column) = locate(syntax.Offset);
                return syntax.Describe(line, column);
            default:
                return ((ContentFault)fault).Text;
        }
    }
}
