using System.Security.Cryptography;
using System.Text;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>
/// The frame of a page: style, pictures and the little script are inside, nothing is loaded, and the page's own policy forbids it. It is also well-formed XML.
/// </summary>
internal static class HtmlPage
{
    private static readonly MarkupPiece Style = Resource("report.css");
    private static readonly MarkupPiece Script = Resource("report.js");

    /// <summary>The page.</summary>
    /// <param name="kicker">What kind of page it is, above the title.</param>
    /// <param name="title">What it is about.</param>
    /// <param name="facts">A few numbers below the title.</param>
    /// <param name="sections">Its parts.</param>
    /// <param name="maker">The program that made it.</param>
    public static string Of(string kicker, string title, MarkupPiece facts, IReadOnlyList<HtmlSection> sections, string maker)
    {
        // Only this very script may run: names that slip through as markup could not bring one of their own.
        var policy = $"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script.Text)))}'";
        var page = new MarkupText().Add($"<!DOCTYPE html>\n");
        page.Add($"""<html lang="en"><head><meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="{policy}" />""");
        page.Add($"""<meta name="viewport" content="width=device-width, initial-scale=1" /><meta name="color-scheme" content="light dark" />""");
        page.Add($"<title>{title}</title>\n<style>{Style}</style></head>\n<body>");
        page.Add($"""<a class="skip" href="#main">Skip to the numbers</a><header><p class="kicker">{kicker}</p><h1>{title}</h1>""");
        page.Add($"""<p class="facts">{facts}</p><nav aria-label="Sections"><ul>""");
        foreach (var section in sections)
            page.Add($"""<li><a href="#{section.Id}">{section.Title}</a></li>""");
        page.Add($"""</ul></nav></header>{"\n"}<main id="main">""");
        foreach (var section in sections)
        {
            page.Add($"""{"\n"}<section id="{section.Id}" aria-labelledby="{section.Id}-title"><h2 id="{section.Id}-title">{section.Title}</h2>""");
            page.Add($"{section.Content}</section>");
        }

        page.Add($"</main>\n<footer>Made by {maker}. This page needs no network.</footer>\n");
        return page.Add($"<script>{Script}</script></body></html>\n").ToPiece().Text;
    }

    private static MarkupPiece Resource(string name)
    {
        using var stream = typeof(HtmlPage).Assembly.GetManifestResourceStream($"Serve.Eval.Reports.Html.{name}")!;
        using var reader = new StreamReader(stream);
        return new(reader.ReadToEnd());
    }
}
