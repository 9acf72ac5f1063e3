using System.Security.Cryptography;
using System.Text;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>
/// Writes a report as one HTML page: style, pictures and the little script are inside, nothing is loaded, and the page's own policy forbids it. It is also
/// well-formed XML. A section that has nothing to show is left out.
/// </summary>
internal static class HtmlReport
{
    private static readonly MarkupPiece Style = Resource("report.css");
    private static readonly MarkupPiece Script = Resource("report.js");

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
        // Only this very script may run: names that slip through as markup could not bring one of their own.
        var policy = $"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script.Text)))}'";
        var page = new MarkupText().Add($"<!DOCTYPE html>\n");
        page.Add($"""<html lang="en"><head><meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="{policy}" />""");
        page.Add($"""<meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="color-scheme" content="light dark" />""");
        page.Add($"<title>{Title(report)}</title>\n<style>{Style}</style></head>\n<body>");
        AddHeader(page, report, sections);
        page.Add($"""<main id="main">""");
        foreach (var section in sections)
        {
            page.Add($"""{"\n"}<section id="{section.Id}" aria-labelledby="{section.Id}-title"><h2 id="{section.Id}-title">{section.Title}</h2>""");
            page.Add($"{section.Content}</section>");
        }
        page.Add($"</main>\n<footer>Made by {report.Provenance?.Program ?? "Serve.Eval"} {report.Provenance?.Version}. This page needs no network.</footer>\n");
        return page.Add($"<script>{Script}</script></body></html>\n").ToPiece().Text;
    }

    private static void AddHeader(MarkupText page, EvaluationReport report, HtmlSection[] sections)
    {
        page.Add($"""<a class="skip" href="#main">Skip to the numbers</a><header><p class="kicker">Evaluation under {report.Protocol}</p><h1>{Title(report)}</h1>""");
        page.Add($"""<p class="facts">""");
        foreach (var (count, one, many) in ((int, string, string)[])
        [
            (report.Images, "image", "images"), (report.GroundTruths, "object", "objects"), (report.Detections, "detection", "detections"),
            (report.PerCategory.Count, "category", "categories"),
        ])
        {
            page.Add($"<span><b>{count:N0}</b> {(count == 1 ? one : many)}</span>");
        }
        if (report.Provenance?.Date is { } date)
            page.Add($"""<span><time datetime="{ReportNumber.Text($"{date:O}")}">{ReportNumber.Text($"{date:yyyy-MM-dd HH:mm}")}</time></span>""");
        page.Add($"""</p><nav aria-label="Sections"><ul>""");
        foreach (var section in sections)
            page.Add($"""<li><a href="#{section.Id}">{section.Title}</a></li>""");
        page.Add($"</ul></nav></header>\n");
    }

    private static string Title(EvaluationReport report) => (report.Provenance?.Model ?? report.Provenance?.Detections, report.Provenance?.GroundTruth) switch
    {
        ({ } subject, { } dataset) => $"{subject} on {dataset}",
        ({ } subject, null) => subject,
        (null, { } dataset) => $"Detections on {dataset}",
        _ => $"Evaluation under {report.Protocol}",
    };

    private static MarkupPiece Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"Serve.Eval.Reports.Html.{name}")!;
        using var reader = new StreamReader(stream);
        return new(reader.ReadToEnd());
    }
}
