using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>All faults of one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Examples">The first few.</param>
public sealed record CheckFinding(FaultKind Kind, long Count, IReadOnlyList<Fault> Examples);

/// <summary>How much a split holds.</summary>
/// <param name="Name">Name of the split.</param>
/// <param name="Images">Images.</param>
/// <param name="Objects">Annotated objects.</param>
/// <param name="Categories">Categories.</param>
public sealed record CheckedSplit(string Name, int Images, int Objects, int Categories);

/// <summary>What a check of a dataset found.</summary>
/// <param name="Path">The dataset as the user named it.</param>
/// <param name="Format">Name of its format.</param>
/// <param name="Splits">What was checked.</param>
/// <param name="Findings">What was found, the gravest first.</param>
public sealed record CheckReport(string Path, string Format, IReadOnlyList<CheckedSplit> Splits, IReadOnlyList<CheckFinding> Findings)
{
    /// <summary>How many errors there are, of all kinds.</summary>
    public long Errors => CountOf(Severity.Error);

    /// <summary>How many warnings there are, of all kinds.</summary>
    public long Warnings => CountOf(Severity.Warning);

    /// <summary>The report of a check.</summary>
    public static CheckReport From(DatasetSource source, IReadOnlyList<DatasetSplit> splits, FaultCollector faults)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(faults);
        IReadOnlyList<CheckedSplit> counts =
            [.. splits.Select(split => new CheckedSplit(split.Name, split.Dataset.Images.Count, split.Dataset.GroundTruths.Count, split.Dataset.Categories.Count))];
        return new(source.Path, source.Format.Name(), counts, faults.Findings);
    }

    /// <summary>How many findings of a severity there are.</summary>
    public long CountOf(Severity severity) => Findings.Where(finding => finding.Kind.Severity == severity).Sum(finding => finding.Count);

    /// <summary>The report as lines for a person.</summary>
    public string ToText() => CheckText.Of(this);

    /// <summary>The report as JSON, for programs.</summary>
    public string ToJson() => CheckDocument.Write(this);
}
