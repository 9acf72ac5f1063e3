using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Reports;

/// <summary>The numbers of one category over the first area range and the last detection limit.</summary>
/// <param name="Id">The category; -1 where categories are pooled.</param>
/// <param name="Name">Its name; the id as text where the dataset does not list it, <c>all</c> where categories are pooled.</param>
/// <param name="Ap">Mean precision; null where there is no ground truth.</param>
/// <param name="Ap50">The same at overlap 0.5; also null where that is not evaluated.</param>
/// <param name="Ap75">The same at overlap 0.75; also null where that is not evaluated.</param>
/// <param name="Ar">Mean recall; null where there is no ground truth.</param>
public sealed record CategoryReport(long Id, string Name, double? Ap, double? Ap50, double? Ap75, double? Ar);

/// <summary>Precision at each recall threshold, at one IoU threshold, for one category (first area range, largest detection limit).</summary>
/// <param name="CategoryId">The category; -1 where categories are pooled.</param>
/// <param name="IouThreshold">Overlap that makes a match.</param>
/// <param name="Recall">Recall thresholds.</param>
/// <param name="Precision">Highest precision at that recall or more; 0 where it is not reached.</param>
/// <param name="Scores">Score at which the recall is reached; 0 where it is not.</param>
public sealed record PrecisionRecallCurve(long CategoryId, double IouThreshold, IReadOnlyList<double> Recall, IReadOnlyList<double> Precision, IReadOnlyList<double> Scores);

/// <summary>A range of areas in square pixels, inclusive on both ends.</summary>
public sealed record AreaRangeReport(string Name, double Lower, double Upper);

/// <summary>What a number of the summary is the mean of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Measure"><c>precision</c>, <c>recall</c>, or <c>mean</c> of other numbers, whose other properties are null.</param>
/// <param name="IouThreshold">The overlap threshold; null for all.</param>
/// <param name="AreaRange">Name of the area range.</param>
/// <param name="MaxDetections">The detection limit.</param>
public sealed record MetricReport(string Name, string Measure, double? IouThreshold, string? AreaRange, int? MaxDetections);

/// <summary>The parameters that were in force.</summary>
/// <param name="IouThresholds">Overlaps that make a match.</param>
/// <param name="MaxDetections">Detection limits, ascending.</param>
/// <param name="AreaRanges">Areas evaluated separately.</param>
/// <param name="UseCategories">False where categories were pooled.</param>
public sealed record ParameterReport(
    IReadOnlyList<double> IouThresholds, IReadOnlyList<int> MaxDetections, IReadOnlyList<AreaRangeReport> AreaRanges, bool UseCategories);

/// <summary>What <c>evaluate --json</c> writes and an evaluation's report endpoint answers.</summary>
public sealed record EvaluationReport
{
    /// <summary>Overlaps whose curves a report holds, where they are evaluated.</summary>
    private static readonly double[] CurveThresholds = [0.5, 0.75];

    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>Summary numbers in the reference's order, -1 where there is none. Empty where the protocol makes no summary of the parameters.</summary>
    public required IReadOnlyList<double> Stats { get; init; }

    /// <summary>Names of <see cref="Stats"/>.</summary>
    public required IReadOnlyList<string> StatsNames { get; init; }

    /// <summary>What the numbers of <see cref="Stats"/> are, in the same order.</summary>
    public IReadOnlyList<MetricReport> Metrics { get; init; } = [];

    /// <summary>Why <see cref="Stats"/> is empty; null where it is not.</summary>
    public string? StatsError { get; init; }

    /// <summary>Input that is evaluated otherwise than one might think, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Numbers per category.</summary>
    public required IReadOnlyList<CategoryReport> PerCategory { get; init; }

    /// <summary>Precision-recall points at IoU 0.5 and 0.75 of each category that has ground truth.</summary>
    public required IReadOnlyList<PrecisionRecallCurve> Curves { get; init; }

    /// <summary>The parameters that were in force.</summary>
    public required ParameterReport Parameters { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the annotation file.</summary>
    public required string DatasetHash { get; init; }

    /// <summary>Images evaluated.</summary>
    public required int Images { get; init; }

    /// <summary>Ground truths evaluated, crowds included.</summary>
    public required int GroundTruths { get; init; }

    /// <summary>Detections evaluated, after the largest detection limit.</summary>
    public required int Detections { get; init; }

    /// <summary>Makes the report of an evaluation.</summary>
    public static EvaluationReport From(EvaluationResult evaluation, Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(dataset);
        var names = new Dictionary<long, string>();
        foreach (var category in dataset.Categories)
            names[category.Id] = category.Name;
        if (!evaluation.Protocol.UseCategories)
            names = new() { [-1] = "all" };
        var (curves, input) = (evaluation.Curves, evaluation.Matches.Input);
        return new()
        {
            Protocol = evaluation.Protocol.Name,
            Stats = [.. evaluation.Summary.Select(number => number.Value ?? -1)],
            StatsNames = [.. evaluation.Summary.Select(number => number.Name)],
            Metrics = [.. evaluation.Metrics.Select(metric => MetricOf(metric, curves))],
            StatsError = evaluation.NoSummary,
            Warnings = evaluation.Warnings,
            PerCategory = [.. evaluation.PerCategory.Select(c => new CategoryReport(c.Id, names.GetValueOrDefault(c.Id, $"{c.Id}"), c.Ap, c.Ap50, c.Ap75, c.Ar))],
            Curves = [.. evaluation.PerCategory.SelectMany((c, k) => c.Ap is null ? [] : CurvesOf(evaluation, k))],
            Parameters = new(
                curves.IouThresholds, curves.MaxDetections, [.. curves.AreaRanges.Select(range => new AreaRangeReport(range.Name, range.Lower, range.Upper))],
                evaluation.Protocol.UseCategories),
            DatasetHash = dataset.ContentHash,
            Images = input.ImageIds.Length,
            GroundTruths = input.GroundTruthRows.Length,
            Detections = input.DetectionRows.Length,
        };
    }

    /// <summary>The report as JSON: full precision, camelCase names, -1 for the nulls of COCO.</summary>
    /// <remarks>
    /// The properties are those of this record. In <c>perCategory</c>, a number is -1 where there is no ground truth and null where its
    /// overlap threshold is not evaluated. Where there is no summary, <c>stats</c> is null and <c>statsError</c> says why.
    /// </remarks>
    public string ToJson() => ReportDocument.Write(this);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The text is no such report.</exception>
    public static EvaluationReport FromJson(string json) => ReportDocument.Read(json);

    /// <summary>The report as a table for a terminal, in the words of the reference.</summary>
    public string ToText() => ReportText.Of(this);

    private static MetricReport MetricOf(Metric metric, PrecisionRecall curves) => metric.MeanOf is not null
        ? new(metric.Name, "mean", null, null, null)
        : new(
            metric.Name, metric.Measure is Measure.Precision ? "precision" : "recall", metric.IouThreshold, metric.AreaRange,
            metric.MaxDetections ?? curves.MaxDetections[^1]);

    private static IEnumerable<PrecisionRecallCurve> CurvesOf(EvaluationResult evaluation, int category)
    {
        var curves = evaluation.Curves;
        for (var t = 0; t < curves.IouThresholds.Length; t++)
        {
            if (!CurveThresholds.Contains(curves.IouThresholds[t]))
                continue;
            var indices = Enumerable.Range(0, curves.RecallThresholds.Length)
                .Select(r => curves.IndexOf(t, r, category, area: 0, curves.MaxDetections.Length - 1)).ToArray();
            yield return new(
                curves.CategoryIds[category], curves.IouThresholds[t], curves.RecallThresholds,
                [.. indices.Select(i => curves.Precision[i])], [.. indices.Select(i => curves.Scores[i])]);
        }
    }
}
