using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Whether it holds numbers, which stand at the right.</param>
/// <param name="Tip">More about it; null for nothing more.</param>
internal sealed record HtmlColumn(string Title, bool IsNumber = true, string? Tip = null);

/// <summary>A cell of a table.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Value">What it is sorted by; null sorts last, and text is sorted by itself.</param>
/// <param name="Bar">Length of a bar behind it, 0 to 1; null for none.</param>
internal readonly record struct HtmlCell(string Text, double? Value = null, double? Bar = null)
{
    /// <summary>A part of a whole, with a bar.</summary>
    public static HtmlCell Part(double? value) => new(ReportNumber.Short(value), value, value);

    /// <summary>A number in three decimals.</summary>
    public static HtmlCell Number(double? value) => new(ReportNumber.Short(value), value);

    /// <summary>A count.</summary>
    public static HtmlCell Count(long? value) => new(value is { } count ? ReportNumber.Text($"{count:N0}") : "–", value);
}

/// <summary>Writes tables. The first cell of a row is its heading.</summary>
internal static class HtmlTable
{
    /// <summary>A table in a box that scrolls when it is wider or longer than the page has room for.</summary>
    /// <param name="caption">What it holds.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">Its rows, a cell for each column.</param>
    /// <param name="kind">Its class: <c>plain</c>, or <c>sortable</c> where the script may sort and filter it.</param>
    public static MarkupPiece Of(string caption, IReadOnlyList<HtmlColumn> columns, IEnumerable<IReadOnlyList<HtmlCell>> rows, string kind = "plain")
    {
        var text = new MarkupText();
        text.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="{kind}"><caption>{caption}</caption><thead><tr>""");
        foreach (var column in columns)
            text.Add($"""<th scope="col"{Class(column)}{Tip(column)}>{column.Title}</th>""");
        text.Add($"</tr></thead><tbody>");
        foreach (var row in rows)
        {
            text.Add($"""<tr><th scope="row">{row[0].Text}</th>""");
            for (var i = 1; i < row.Count; i++)
                text.Add($"<td{Class(columns[i])}{Sorted(columns[i], row[i])}{Bar(row[i])}>{row[i].Text}</td>");
            text.Add($"</tr>\n");
        }
        return text.Add($"</tbody></table></div>").ToPiece();
    }

    private static MarkupPiece Class(HtmlColumn column) => column.IsNumber ? new(" class=\"n\"") : MarkupPiece.None;

    private static MarkupPiece Tip(HtmlColumn column) => column.Tip is null ? MarkupPiece.None : new MarkupText().Add($" title=\"{column.Tip}\"").ToPiece();

    private static MarkupPiece Bar(HtmlCell cell) => cell.Bar is null ? MarkupPiece.None : new MarkupText().Add($" style=\"--v:{cell.Bar.Value:0.###}\"").ToPiece();

    private static MarkupPiece Sorted(HtmlColumn column, HtmlCell cell)
        => !column.IsNumber ? MarkupPiece.None : cell.Value is { } value ? new MarkupText().Add($" data-v=\"{value:R}\"").ToPiece() : new(" data-v=\"\"");
}
