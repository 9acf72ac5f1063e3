using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>A picture with its caption, its legend, a remark, and its numbers for those who want or need them as a table.</summary>
internal static class HtmlFigure
{
    /// <summary>Pictures beside each other where there is room.</summary>
    public static MarkupPiece Row(params IReadOnlyList<MarkupPiece> figures)
    {
        var text = new MarkupText().Add($"""<div class="figures">""");
        foreach (var figure in figures)
            text.Add($"{figure}");
        return text.Add($"</div>").ToPiece();
    }

    /// <summary>A figure.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="legend">Curves that the legend names.</param>
    /// <param name="note">A remark below; null for none.</param>
    /// <param name="numbers">A table of its numbers; null for none.</param>
    public static MarkupPiece Of(string caption, MarkupPiece picture, IReadOnlyList<ChartSeries>? legend = null, string? note = null, MarkupPiece? numbers = null)
    {
        var text = new MarkupText().Add($"""<figure><figcaption>{caption}</figcaption><div class="picture">{picture}</div>""");
        if (legend is { Count: > 0 })
        {
            text.Add($"""<ul class="legend">""");
            for (var i = 0; i < legend.Count; i++)
                text.Add($"<li>{Swatch(i, legend[i].Dashes)}{legend[i].Name}</li>");
            text.Add($"</ul>");
        }
        if (note is not null)
            text.Add($"""<p class="note">{note}</p>""");
        if (numbers is { } table)
            text.Add($"<details><summary>Numbers</summary>{table}</details>");
        return text.Add($"</figure>").ToPiece();
    }

    private static MarkupPiece Swatch(int series, string dashes)
        => new MarkupText().Add($"""<svg width="26" height="10" aria-hidden="true"><line x1="1" y1="5" x2="25" y2="5" stroke="{SvgText.Colour(series)}" stroke-width="3" stroke-dasharray="{dashes}"/></svg>""").ToPiece();
}
