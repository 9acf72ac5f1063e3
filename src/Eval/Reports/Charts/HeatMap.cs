using System.Globalization;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Charts;

/// <summary>A square of a heat map.</summary>
/// <param name="Share">Its shade, 0 to 1; null where there is nothing to say.</param>
/// <param name="Tip">Text that shows when pointed at.</param>
internal sealed record HeatCell(double? Share, string Tip);

/// <summary>Draws a matrix of shares as shaded squares; what lies on the diagonal is framed.</summary>
internal static class HeatMap
{
    private const double LetterWidth = 6.3;
    private const int LongestLabel = 18;
    private const int MostNumbers = 26;
    private const double Strong = 0.7;

    /// <summary>The matrix as SVG.</summary>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="rows">What a row is, and the name of each.</param>
    /// <param name="columns">What a column is, and the name of each; as many as rows.</param>
    /// <param name="cell">The square of a row and a column.</param>
    public static MarkupPiece Draw(
        string description, (string Title, IReadOnlyList<string> Names) rows, (string Title, IReadOnlyList<string> Names) columns, Func<int, int, HeatCell> cell)
    {
        var count = rows.Names.Count;
        var size = count <= 10 ? 42 : count <= 14 ? 34 : 26;
        var (left, top) = (26 + LabelWidth(rows.Names), 30 + (LabelWidth(columns.Names) * 0.8));
        var right = 8 + (LabelWidth(columns.Names) * 0.6);
        var svg = new SvgText((int)(left + (count * size) + right), (int)(top + (count * size) + 8), description);
        svg.Text(left + (count * size / 2.0), 13, columns.Title, "middle", SvgText.Soft);
        svg.Text(14, top + (count * size / 2.0), rows.Title, "middle", SvgText.Soft, turn: -90);
        for (var i = 0; i < count; i++)
        {
            var middle = (i * size) + (size / 2.0);
            svg.Text(left - 7, top + middle + 4, Short(rows.Names[i]), "end");
            svg.Text(left + middle + 2, top - 7, Short(columns.Names[i]), turn: -50);
        }
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < count; column++)
                DrawCell(svg, cell(row, column), left + (column * size), top + (row * size), size, row == column, count <= MostNumbers);
        }
        return svg.End();
    }

    private static void DrawCell(SvgText svg, HeatCell cell, double x, double y, int size, bool isDiagonal, bool hasNumber)
    {
        if (cell.Share is not { } share)
        {
            svg.Bar(x + 0.5, y + 0.5, size - 1, size - 1, SvgText.Grid, cell.Tip, 0.25);
            return;
        }
        var (colour, opacity) = share > 0 ? (SvgText.Colour(0), 0.1 + (0.9 * share)) : (SvgText.Grid, 0.5);
        svg.Bar(x + 0.5, y + 0.5, size - 1, size - 1, colour, cell.Tip, opacity);
        if (isDiagonal)
            svg.Frame(x + 0.5, y + 0.5, size - 1, size - 1, SvgText.Soft);
        if (hasNumber && share >= 0.005)
        {
            svg.Text(
                x + (size / 2.0), y + (size / 2.0) + 4, (share * 100).ToString("0", CultureInfo.InvariantCulture), "middle",
                share > Strong ? SvgText.Paper : SvgText.Ink, size: 11);
        }
    }

    private static double LabelWidth(IReadOnlyList<string> names) => LetterWidth * Math.Min(LongestLabel, names.Select(name => name.Length).DefaultIfEmpty(0).Max());

    private static string Short(string name) => name.Length <= LongestLabel ? name : string.Concat(name.AsSpan(0, LongestLabel - 1), "…");
}
