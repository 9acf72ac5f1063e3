using Serve.Eval.Errors;
using Serve.Eval.Reports.Charts;

namespace Serve.Eval.Reports.Html;

/// <summary>What kinds of errors there are, and what each costs.</summary>
internal static class ErrorSection
{
    /// <summary>The section; null without an error analysis.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        if (report.Errors?.Breakdown is not { } errors)
            return null;
        var gains = errors.Errors.Select(share => new ChartBar($"{share.Error}: {ErrorWords.Of(share.Error)}", share.Gain)).ToList();
        var counts = errors.Errors.Select(share => new ChartBar($"{share.Error}: {ErrorWords.Of(share.Error)}", share.Count)).ToList();
        var cost = BarChart.Draw("Points of average precision lost to each kind of error", ChartAxis.FromZero("points of average precision", gains.Select(bar => bar.Value!.Value)), gains, "0.00", 1);
        var count = BarChart.Draw("Number of errors of each kind", ChartAxis.FromZero("detections, or objects not found", counts.Select(bar => bar.Value!.Value)), counts, "#,0", 4);
        var note = ReportNumber.Text(
            $"Gained if only these were repaired; average precision is {errors.Ap:0.0} of 100. All false positives together: {errors.FalsePositiveGain:0.0}, all false negatives: {errors.FalseNegativeGain:0.0}.");
        var limit = errors.MaxDetections == int.MaxValue ? "all" : ReportNumber.Text($"the best {errors.MaxDetections}");
        var rule = ReportNumber.Text(
            $"Right from IoU {errors.IouThreshold:0.0##} on, on nothing below {errors.BackgroundThreshold:0.0##}; {limit} detections of each image, whatever their score.");
        return new("errors", "Errors", HtmlFigure.Row(HtmlFigure.Of("What each kind of error costs", cost, note: note), HtmlFigure.Of("How often each occurs", count, note: rule)));
    }
}
