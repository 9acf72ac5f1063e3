using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>Average precision and recall by the size of objects; of LVIS also by how frequent categories are.</summary>
internal static class SizeSection
{
    private static readonly Dictionary<string, string> Frequencies = new(StringComparer.Ordinal)
    {
        ["APr"] = "rare categories",
        ["APc"] = "common categories",
        ["APf"] = "frequent categories",
    };

    /// <summary>The section; null where there is only one size.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        MarkupPiece[] figures = [.. new[] { Bars(report, "precision", "Average precision", 0), Bars(report, "recall", "Average recall", 2) }.OfType<MarkupPiece>()];
        return figures.Length == 0 ? null : new("sizes", "By size", HtmlFigure.Row(figures));
    }

    private static MarkupPiece? Bars(EvaluationReport report, string measure, string title, int colour)
    {
        var limit = report.Metrics.Where(metric => metric.Measure == measure).Max(metric => metric.MaxDetections);
        var numbers = ReportNumber.Of(report).Where(number => number.Metric is { IouThreshold: null, AreaRange: not null } metric
            && metric.Measure == measure && metric.MaxDetections == limit && !ScaleSection.Holds(report, number)).ToList();
        if (numbers.Select(number => number.Metric!.AreaRange).Distinct().Count() < 2)
            return null;
        var bars = numbers.Select(number => new ChartBar(Label(report, number), number.Value, number.Ends)).ToList();
        var note = report.Intervals is { } intervals ? ReportNumber.Text($"Lines: {intervals.Options.Level * 100:0.##}% intervals.") : null;
        return HtmlFigure.Of(title, BarChart.Draw($"{title} by size of objects", ChartAxis.Unit(""), bars, "0.000", colour), note: note);
    }

    private static string Label(EvaluationReport report, ReportNumber number)
    {
        if (Frequencies.TryGetValue(number.Name, out var frequency))
            return frequency;
        var name = number.Metric!.AreaRange!;
        var range = report.Parameters.AreaRanges.FirstOrDefault(range => range.Name == name);
        return range is not null && SizeWords.Ends(range.Measure, range.Lower, range.Upper) is { Length: > 0 } ends ? $"{name}, {ends}" : name;
    }
}
