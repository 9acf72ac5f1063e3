using Serve.Eval.Errors;

namespace Serve.Eval.Reports.Html;

/// <summary>The worst images: where to look first.</summary>
internal static class ImageSection
{
    /// <summary>The section; null without an error analysis, or where single images are left out (<see cref="EvaluationReport.WithoutImages"/>).</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        if (report.Errors is not { Worst.Count: > 0 } errors)
            return null;
        var rule = errors.WorstBy is ImageOrder.LowestF1 ? "lowest F1 first" : "most errors first";
        var table = HtmlTable.Of(
            ReportNumber.Text($"The worst of {errors.Images.Count} images, {rule}; detections from score {errors.ScoreThreshold:0.000} on"),
            [new("image", false), new("id"), new("F1"), new("right"), new("wrong"), new("not found")],
            errors.Worst.Select(image => (IReadOnlyList<HtmlCell>)
            [
                new(image.FileName.Length > 0 ? image.FileName : ReportNumber.Text($"{image.ImageId}")), new(ReportNumber.Text($"{image.ImageId}"), image.ImageId), HtmlCell.Part(image.F1),
                HtmlCell.Count(image.TruePositives), HtmlCell.Count(image.FalsePositives), HtmlCell.Count(image.FalseNegatives),
            ]), "sortable");
        return new("images", "Worst images", table);
    }
}
