namespace Serve.Eval.Formats.Conversion;

/// <summary>Counts what a format cannot hold.</summary>
internal sealed class ConversionNotes
{
    private readonly Dictionary<string, int> counts = [];

    /// <summary>The counts, a sentence each, in the order in which they were first met.</summary>
    public IReadOnlyList<string> Sentences => [.. counts.Select(note => $"{note.Value} {note.Key}")];

    /// <summary>Counts one.</summary>
    /// <param name="what">What it is, as it follows a number: <c>crowd regions left out: YOLO text has no mark for them</c>.</param>
    public void Add(string what) => counts[what] = counts.GetValueOrDefault(what) + 1;
}
