using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Metrics;
using Serve.Eval.Reports.Html;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports;

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

    /// <summary>Ground truths evaluated, crowds included; null where it is withheld.</summary>
    public required int? GroundTruths { get; init; }

    /// <summary>Detections evaluated, after the largest detection limit; null where it is withheld.</summary>
    public required int? Detections { get; init; }

    /// <summary>What the report does not say because the annotations are private, in the words of its JSON; empty where it says all.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>Where the report comes from; null in reports of versions that did not say it.</summary>
    public ProvenanceReport? Provenance { get; init; }

    /// <summary>Intervals around the numbers of <see cref="Stats"/>, in the same order, then around the AP of categories; null where they were not asked for.</summary>
    public BootstrapResult? Intervals { get; init; }

    /// <summary>What is wrong with the detections; null where it was not asked for.</summary>
    public ErrorReport? Errors { get; init; }

    /// <summary>Numbers by size of objects as the USB benchmark divides them; null where they were not asked for.</summary>
    public UsbScaleReport? Scales { get; init; }

    /// <summary>How long the model took on single pictures; null where it was not measured.</summary>
    public LatencyReport? Latency { get; init; }

    /// <summary>Makes the report of an evaluation.</summary>
    public static EvaluationReport From(EvaluationResult evaluation, Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(dataset);
        var names = new CategoryNames(dataset, evaluation.Protocol);
        var (curves, input) = (evaluation.Curves, evaluation.Matches.Input);
        return new()
        {
            Protocol = evaluation.Protocol.Name,
            Stats = [.. evaluation.Summary.Select(number => number.Value ?? -1)],
            StatsNames = [.. evaluation.Summary.Select(number => number.Name)],
            Metrics = [.. evaluation.Metrics.Select(metric => MetricOf(metric, curves))],
            StatsError = evaluation.NoSummary,
            Warnings = evaluation.Warnings,
            PerCategory =
            [
                .. evaluation.PerCategory.Zip(ObjectsByCategory(input), (c, objects) => new CategoryReport(
                    c.Id, names[c.Id], c.Ap, c.Ap50, c.Ap75, c.Ar) { Objects = objects }),
            ],
            Curves = [.. evaluation.PerCategory.SelectMany((c, k) => c.Ap is null ? [] : CurvesOf(evaluation, k))],
            Parameters = ParameterReport.Of(evaluation.Protocol, curves),
            DatasetHash = dataset.ContentHash,
            Images = input.ImageIds.Length,
            GroundTruths = input.GroundTruthRows.Length,
            Detections = input.DetectionRows.Length,
            Provenance = new() { Version = ProvenanceReport.ThisVersion },
        };
    }

    /// <summary>The report without what it tells about single images, for others where a dataset is private: file names, ids and counts.</summary>
    public EvaluationReport WithoutImages() => this with
    {
        Parameters = Parameters with { ImageIds = null },
        Errors = Errors is null ? null : Errors with { Images = [], Worst = [] },
    };

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

    /// <summary>The report as one HTML page that needs nothing else: no network, no other file.</summary>
    /// <param name="baseline">An earlier report to compare with; null for none.</param>
    public string ToHtml(EvaluationReport? baseline = null) => HtmlReport.Of(this, baseline);

    /// <summary>The report as a table of values (RFC 4180): a row a number, full precision, empty where there is no number.</summary>
    public string ToCsv() => CsvReport.Of(this);

    /// <summary>The report as Markdown for a pull request.</summary>
    /// <param name="baseline">An earlier report; what changed since is told. Null for none.</param>
    public string ToMarkdown(EvaluationReport? baseline = null) => MarkdownReport.Of(this, baseline);

    /// <summary>Ground truths of each category that somebody has to find in the first area range.</summary>
    private static int[] ObjectsByCategory(MatchInput input)
    {
        var objects = new int[input.CategoryIds.Length];
        foreach (var group in input.Groups)
        {
            for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
                objects[group.Category] += input.Ignores(g, input.AreaRanges[0]) ? 0 : 1;
        }
        return objects;
    }

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
