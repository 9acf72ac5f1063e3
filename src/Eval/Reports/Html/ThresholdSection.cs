using Serve.Eval.Errors;
using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>Which score to ask for: precision, recall and F1 of all detections from each score on.</summary>
internal static class ThresholdSection
{
    /// <summary>The section; null without an error analysis, or where it has no detection.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        if (report.Errors is not { Overall.Scores.Count: > 0 } errors)
            return null;
        var curve = errors.Overall;
        ChartSeries[] series =
        [
            new("F1", [.. Points(curve, point => point.F1)])
            {
                Marked = curve.Best is { } best ? (best.Threshold, best.F1 ?? 0, ReportNumber.Text($"highest F1, {best.F1:0.000}, at score {best.Threshold:0.000}")) : null,
            },
            new("precision", [.. Points(curve, point => point.Precision)]), new("recall", [.. Points(curve, point => point.Recall)]),
        ];
        var picture = LineChart.Draw("F1, precision and recall by score", ChartAxis.Holding("score from which detections count", curve.Scores), ChartAxis.Unit(""), series);
        var figure = HtmlFigure.Of(
            ReportNumber.Text($"All detections together, IoU {errors.IouThreshold:0.00##}"), picture, series,
            curve.Best is null ? "No detection is right." : "The dot marks the score with the highest F1.");
        return new("threshold", "Score threshold", HtmlFigure.Row(figure, Operating(errors)));
    }

    private static IEnumerable<(double X, double Y)> Points(ScoreCurve curve, Func<OperatingPoint, double?> value)
        => Enumerable.Range(0, curve.Scores.Count).Select(curve.At).Select(point => (point.Threshold, value(point) ?? 0));

    private static MarkupPiece Operating(ErrorReport errors)
    {
        List<(string Name, OperatingPoint Point)> points = [];
        if (errors.Overall.Best is { } best)
            points.Add(("highest F1", best));
        if (errors.Overall.Best?.Threshold != errors.ScoreThreshold)
            points.Add(("chosen", errors.Overall.Chosen));
        if (errors.Overall.Scores.Count > 0)
            points.Add(("all detections", errors.Overall.At(errors.Overall.Scores.Count - 1)));
        (string Name, Func<OperatingPoint, HtmlCell> Of)[] rows =
        [
            ("score", point => HtmlCell.Number(point.Threshold)), ("F1", point => HtmlCell.Number(point.F1)), ("precision", point => HtmlCell.Number(point.Precision)),
            ("recall", point => HtmlCell.Number(point.Recall)), ("right", point => HtmlCell.Count(point.TruePositives)),
            ("wrong", point => HtmlCell.Count(point.FalsePositives)), ("not found", point => HtmlCell.Count(point.FalseNegatives)),
        ];
        var table = HtmlTable.Of(
            "What detections are worth from a score on", [new("", false), .. points.Select(point => new HtmlColumn(point.Name))],
            rows.Select(row => (IReadOnlyList<HtmlCell>)[new(row.Name), .. points.Select(point => row.Of(point.Point))]));
        return new MarkupText().Add($"""<div class="aside">{table}<p class="note">Thresholds by category are in the table of categories.</p></div>""").ToPiece();
    }
}
