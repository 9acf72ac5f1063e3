using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Something wrong with a detection of a results file.</summary>
/// <param name="Record">Place of the detection in the file, from 0; of a table its line, from 1.</param>
/// <param name="Field">Name of the field; empty where the whole line is meant.</param>
/// <param name="Text">What is wrong and what is allowed: a sentence whose subject is the field or the line, without its full stop.</param>
public sealed record DetectionFault(long Record, string Field, string Text)
{
    /// <summary>A fault of a table as a sentence.</summary>
    internal string OfLine() => $"line {Record}: {(Field.Length == 0 ? Text : $"\"{Field}\" {Text}")}.";
}

/// <summary>Counts the faults of a results file, keeps the first of them, and knows which detection of the file a row of the table is.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class DetectionFaults(int most)
{
    // Reading and checking each go from front to back: of each, the first are enough.
    private readonly List<DetectionFault> unreadable = [];
    private readonly List<DetectionFault> unfit = [];
    private readonly List<long> leftOut = [];
    private long before;

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them, by rising place of the detection.</summary>
    public IReadOnlyList<DetectionFault> Kept => [.. unreadable.Concat(unfit).OrderBy(fault => fault.Record).Take(most)];

    /// <summary>Takes the faults of a detection that is left out.</summary>
    /// <param name="record">Its place in the part of the document that is being read.</param>
    /// <param name="fields">Its faults.</param>
    public void Add(long record, IReadOnlyList<FieldFault> fields)
    {
        leftOut.Add(before + record);
        foreach (var (field, text) in fields)
            Tell(unreadable, before + record, field, text);
    }

    /// <summary>Says that a part of the document was read.</summary>
    /// <param name="records">How many detections it has.</param>
    public void EndPart(long records) => before += records;

    /// <summary>Takes a fault of a detection that can be read, but does not fit the dataset.</summary>
    public void Tell(long record, string field, string text) => Tell(unfit, record, field, text);

    /// <summary>The places in the file of the rows of a table, in their order.</summary>
    public IEnumerable<long> Records(int rows)
    {
        var (record, skipped) = (0L, 0);
        for (var row = 0; row < rows; row++, record++)
        {
            for (; skipped < leftOut.Count && leftOut[skipped] == record; skipped++)
                record++;
            yield return record;
        }
    }

    private void Tell(List<DetectionFault> kept, long record, string field, string text)
    {
        Count++;
        if (kept.Count < most)
            kept.Add(new(record, field, text));
    }
}
