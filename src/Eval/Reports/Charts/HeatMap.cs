using System.Globalization;

namespace Serve.Eval.Reports.Charts;

/// <summary>Draws a matrix of shares as shaded squares.</summary>
internal static class HeatMap
{
    private const int Cell = 30;
    private const int LabelWidth = 7;
    private const int LongestLabel = 18;
    private const int MostNumbers = 14;

    /// <summary>The matrix as SVG.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="rowTitle">What a row is.</param>
    /// <param name="columnTitle">What a column is.</param>
    /// <param name="names">Names of rows and columns alike.</param>
    /// <param name="share">Shade of a square, 0 to 1, by row and column; null for none.</param>
    /// <param name="tip">Text of a square that is pointed at, by row and column.</param>
    public static string Draw(
        string title, string rowTitle, string columnTitle, IReadOnlyList<string> names, Func<int, int, double?> share, Func<int, int, string> tip)
    {
        var label = 16 + (LabelWidth * Math.Min(LongestLabel, names.Select(name => name.Length).DefaultIfEmpty(0).Max()));
        var (left, top) = (label + 28, label + 56);
        var side = names.Count * Cell;
        var svg = new SvgText(left + side + 24, top + side + 16, title);
        svg.Text(16, 20, title, bold: true);
        svg.Text(left + (side / 2.0), 42, columnTitle, "middle", soft: true);
        svg.Text(16, top + (side / 2.0), rowTitle, "middle", soft: true, turn: -90);
        for (var i = 0; i < names.Count; i++)
        {
            var middle = (i * Cell) + (Cell / 2.0);
            svg.Text(left - 8, top + middle + 4, Short(names[i]), "end");
            svg.Text(left + middle + 4, top - 8, Short(names[i]), turn: -60);
        }
        for (var row = 0; row < names.Count; row++)
        {
            for (var column = 0; column < names.Count; column++)
            {
                var value = share(row, column);
                var (x, y) = (left + (column * Cell), top + (row * Cell));
                svg.Bar(x, y, Cell - 1, Cell - 1, value is > 0 ? SvgText.Colour(0) : "var(--grid,#ddd)", value is > 0 ? 0.12 + (0.88 * value.Value) : 0.35, tip(row, column));
                if (value is > 0.005 && names.Count <= MostNumbers)
                    svg.Text(x + (Cell / 2.0), y + (Cell / 2.0) + 4, (value.Value * 100).ToString("0", CultureInfo.InvariantCulture), "middle");
            }
        }
        return svg.End();
    }

    private static string Short(string name) => name.Length <= LongestLabel ? name : string.Concat(name.AsSpan(0, LongestLabel - 1), "…");
}
