using Serve.Eval.Errors;
using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>Precision by recall: the mean over categories, and the best and the worst categories.</summary>
internal static class CurveSection
{
    private const int Few = 3;
    private const int EnoughObjects = 10;

    private static readonly double[] GuideLevels = [0.2, 0.4, 0.6, 0.8];

    /// <summary>The section; null where the report holds no curve.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        if (report.Curves.Count == 0)
            return null;
        List<MarkupPiece> figures = [Mean(report)];
        if (report.PerCategory.Count(category => category.Ap is not null) > 1)
            figures.Add(Categories(report));
        return new("curves", "Precision and recall", HtmlFigure.Row([.. figures]));
    }

    private static MarkupPiece Mean(EvaluationReport report)
    {
        var series = report.Curves.GroupBy(curve => curve.IouThreshold).OrderBy(group => group.Key)
            .Select(group => new ChartSeries(ReportNumber.Text($"mean over categories, IoU {group.Key:0.00##}"), MeanOf([.. group]))).ToList();
        if (report.Errors is { } errors)
            series.Add(new(ReportNumber.Text($"all detections together, IoU {errors.IouThreshold:0.00##}"), Real(errors.Overall), IsDashed: true));
        return HtmlFigure.Of(
            "Precision at each recall", Draw("Precision by recall, mean over categories", series), series,
            "At each recall the highest precision there or beyond, as average precision reads it. Dotted: where F1 is the same.", Sampled(series));
    }

    private static MarkupPiece Categories(EvaluationReport report)
    {
        var threshold = report.Errors?.IouThreshold ?? report.Curves.Min(curve => curve.IouThreshold);
        double? Precision(CategoryReport category) => report.Parameters.IouThresholds.Contains(0.5) ? category.Ap50 : category.Ap;
        var ranked = report.PerCategory.Where(category => Precision(category) is not null).OrderByDescending(Precision).ToList();
        // A curve of a few objects says little, so that those with more are shown where there are enough of them.
        var frequent = ranked.Where(category => category.Objects >= EnoughObjects).ToList();
        var isFrequent = frequent.Count >= 2 * Few && frequent.Count < ranked.Count;
        if (isFrequent)
            ranked = frequent;
        var worst = Math.Min(Few, ranked.Count - Math.Min(Few, ranked.Count));
        var series = ranked.Take(Few).Select(category => Curve(report, category, threshold, Precision(category)!.Value, isDashed: false))
            .Concat(ranked.TakeLast(worst).Select(category => Curve(report, category, threshold, Precision(category)!.Value, isDashed: true))).ToList();
        var caption = ranked.Count > 2 * Few ? "The best and the worst categories" : "Categories";
        var note = report.Errors is null ? "At each recall the highest precision there or beyond." : "The precision that there is, not the highest beyond.";
        return HtmlFigure.Of(
            ReportNumber.Text($"{caption}, IoU {threshold:0.00##}"), Draw("Precision by recall of single categories", series), series,
            isFrequent ? ReportNumber.Text($"{note} Of categories with at least {EnoughObjects} objects.") : note, Sampled(series));
    }

    private static ChartSeries Curve(EvaluationReport report, CategoryReport category, double threshold, double precision, bool isDashed)
    {
        var points = report.Errors?.Categories.FirstOrDefault(curve => curve.CategoryId == category.Id) is { } real
            ? Real(real)
            : report.Curves.FirstOrDefault(curve => curve.CategoryId == category.Id && curve.IouThreshold == threshold) is { } curve
                ? [.. curve.Recall.Zip(curve.Precision)]
                : [];
        return new($"{category.Name} ({ReportNumber.Short(precision)})", points, isDashed);
    }

    private static List<(double Recall, double Precision)> MeanOf(PrecisionRecallCurve[] curves)
        => [.. curves[0].Recall.Select((recall, r) => (recall, curves.Average(curve => curve.Precision[r])))];

    private static List<(double Recall, double Precision)> Real(ScoreCurve curve)
        => [.. Enumerable.Range(0, curve.Scores.Count).Select(curve.At).Select(point => (point.Recall ?? 0, point.Precision ?? 0))];

    private static MarkupPiece Draw(string description, List<ChartSeries> series) => LineChart.Draw(
        description, ChartAxis.Unit("recall"), ChartAxis.Unit("precision"), series,
        [.. GuideLevels.Select(level => new ChartGuide(ReportNumber.Text($"F1 {level:0.0}"), [.. EqualF1(level)]))]);

    // F1 = 2pr / (p + r), solved for p where it is at most 1.
    private static IEnumerable<(double X, double Y)> EqualF1(double level)
    {
        const int Steps = 40;
        var first = level / (2 - level);
        for (var i = 0; i <= Steps; i++)
        {
            var recall = first + ((1 - first) * i / Steps);
            yield return (recall, level * recall / ((2 * recall) - level));
        }
    }

    private static MarkupPiece Sampled(List<ChartSeries> series) => HtmlTable.Of(
        "Precision where a recall is reached", [new("recall"), .. series.Select(curve => new HtmlColumn(curve.Name))],
        Enumerable.Range(0, 11).Select(i => (IReadOnlyList<HtmlCell>)
        [
            new(ReportNumber.Text($"{i / 10.0:0.0}")), .. series.Select(curve => HtmlCell.Number(
                curve.Points.Where(point => point.X >= (i / 10.0) - 1e-9).Select(point => (double?)point.Y).FirstOrDefault())),
        ]));
}
