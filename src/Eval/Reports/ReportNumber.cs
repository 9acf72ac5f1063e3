using System.Globalization;
using Serve.Eval.Statistics;

namespace Serve.Eval.Reports;

/// <summary>A number of a report's summary with all that the report says of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">The number; null for none.</param>
/// <param name="Metric">What it is the mean of; null in reports that do not say it.</param>
/// <param name="Estimate">How far it may be from what other images would give; null where it was not asked for.</param>
internal sealed record ReportNumber(string Name, double? Value, MetricReport? Metric, Estimate? Estimate)
{
    /// <summary>Ends of its interval; null for none.</summary>
    public (double Lower, double Upper)? Ends => Estimate?.Interval is { } interval ? (interval.Lower, interval.Upper) : null;

    /// <summary>The numbers of a report.</summary>
    public static IReadOnlyList<ReportNumber> Of(EvaluationReport report) =>
    [
        .. report.Stats.Select((value, i) => new ReportNumber(
            report.StatsNames[i], value < 0 ? null : value, i < report.Metrics.Count ? report.Metrics[i] : null,
            report.Intervals?.Estimates.FirstOrDefault(estimate => estimate.CategoryId is null && estimate.Name == report.StatsNames[i]))),
    ];

    /// <summary>Where it is measured, in a few words.</summary>
    public string Meaning(ParameterReport parameters)
    {
        if (Metric is null)
            return "";
        if (Metric.AreaRange is null)
            return "mean of other numbers";
        var limit = Metric.MaxDetections is null or int.MaxValue ? "all detections" : Text($"{Metric.MaxDetections} detections");
        return $"IoU {Overlap(Metric.IouThreshold, parameters)}, {Metric.AreaRange}, {limit}";
    }

    /// <summary>Overlaps as they are written, such as 0.50:0.95.</summary>
    public static string Overlap(double? threshold, ParameterReport parameters)
    {
        var all = parameters.IouThresholds;
        return (threshold ?? (all.Count == 1 ? all[0] : null)) is { } single ? Text($"{single:0.00##}") : Text($"{all[0]:0.00##}:{all[^1]:0.00##}");
    }

    /// <summary>The usual name of a kind of interval.</summary>
    public static string Method(IntervalMethod method) => method switch
    {
        IntervalMethod.Bca => "BCa",
        IntervalMethod.Percentile => "percentile",
        _ => "centred",
    };

    /// <summary>A number in three decimals; a dash for none.</summary>
    public static string Short(double? value) => value is { } number ? Text($"{number:0.000}") : "–";

    /// <summary>A difference in three decimals with its sign.</summary>
    public static string Change(double value) => Text($"{value:+0.000;−0.000;±0.000}");

    /// <summary>The objects and detections of a report as they follow the images; empty where both are withheld.</summary>
    public static string Counts(EvaluationReport report)
        => (report.GroundTruths is { } objects ? Text($", {objects} objects") : "") + (report.Detections is { } detections ? Text($", {detections} detections") : "");

    /// <summary>What a report does not say, as a sentence.</summary>
    public static string WithheldText(EvaluationReport report) => $"Withheld, because the annotations are private: {string.Join(", ", report.Withheld)}.";

    /// <summary>A text in the invariant culture.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
