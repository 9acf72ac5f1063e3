using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>Writes a report as one HTML page. A section that has nothing to show is left out.</summary>
internal static class HtmlReport
{
    /// <summary>The page.</summary>
    /// <param name="report">The report.</param>
    /// <param name="baseline">An earlier report to compare with; null for none.</param>
    public static string Of(EvaluationReport report, EvaluationReport? baseline)
    {
        HtmlSection[] sections =
        [
            .. new[]
            {
                HeadlineSection.Of(report, baseline), NotesSection.Of(report, baseline), CurveSection.Of(report), ThresholdSection.Of(report), SizeSection.Of(report),
                ScaleSection.Of(report), ErrorSection.Of(report), ConfusionSection.Of(report), CategorySection.Of(report, baseline), ImageSection.Of(report),
                ParameterSection.Of(report),
            }.OfType<HtmlSection>(),
        ];
        return HtmlPage.Of(
            $"Evaluation under {report.Protocol}", Title(report), Facts(report), sections,
            $"{report.Provenance?.Program ?? "Serve.Eval"} {report.Provenance?.Version}");
    }

    private static MarkupPiece Facts(EvaluationReport report)
    {
        var text = new MarkupText();
        foreach (var (count, one, many) in ((int?, string, string)[])
        [
            (report.Images, "image", "images"), (report.GroundTruths, "object", "objects"), (report.Detections, "detection", "detections"),
            (report.PerCategory.Count, "category", "categories"),
        ])
        {
            if (count is { } known)
                text.Add($"<span><b>{known:N0}</b> {(known == 1 ? one : many)}</span>");
        }
        if (report.Provenance?.Date is { } date)
            text.Add($"""<span><time datetime="{ReportNumber.Text($"{date:O}")}">{ReportNumber.Text($"{date:yyyy-MM-dd HH:mm}")}</time></span>""");
        return text.ToPiece();
    }

    private static string Title(EvaluationReport report) => (report.Provenance?.Model ?? report.Provenance?.Detections, report.Provenance?.GroundTruth) switch
    {
        ({ } subject, { } dataset) => $"{subject} on {dataset}",
        ({ } subject, null) => subject,
        (null, { } dataset) => $"Detections on {dataset}",
        _ => $"Evaluation under {report.Protocol}",
    };
}
