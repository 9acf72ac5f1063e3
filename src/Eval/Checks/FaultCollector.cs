namespace Serve.Eval.Checks;

/// <summary>Counts faults by their kind and keeps the first few of each. Not safe for several threads.</summary>
/// <param name="examples">How many of each kind are kept.</param>
public sealed class FaultCollector(int examples = FaultCollector.DefaultExamples) : IFaultSink
{
    /// <summary>Examples kept of each kind, unless told otherwise.</summary>
    public const int DefaultExamples = 5;

    private readonly Dictionary<FaultKind, Entry> entries = [];

    /// <summary>What was found: errors first, then warnings and information; the kinds of each in the order in which they were met.</summary>
    public IReadOnlyList<CheckFinding> Findings
        => [.. entries.OrderByDescending(entry => entry.Key.Severity).Select(entry => new CheckFinding(entry.Key, entry.Value.Count, entry.Value.Examples))];

    /// <inheritdoc/>
    public void Report(in Fault fault)
    {
        if (!entries.TryGetValue(fault.Kind, out var entry))
            entries.Add(fault.Kind, entry = new());
        entry.Count++;
        if (entry.Examples.Count < examples)
            entry.Examples.Add(fault);
    }

    private sealed class Entry
    {
        public long Count { get; set; }

        public List<Fault> Examples { get; } = [];
    }
}
