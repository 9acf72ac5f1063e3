namespace Serve.Eval.Reports.Charts;

/// <summary>A curve of a line chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Points in the order in which they are joined.</param>
/// <param name="Marked">A point that is marked, where there is one.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, (double X, double Y)? Marked = null);

/// <summary>Draws curves over two axes.</summary>
internal static class LineChart
{
    private const int Width = 520;
    private const int Height = 340;
    private const int Left = 56;
    private const int Right = 504;
    private const int Top = 36;
    private const int Bottom = 250;
    private const int LegendRow = 18;
    private const int LegendColumns = 2;

    /// <summary>The chart as SVG.</summary>
    public static string Draw(string title, ChartAxis x, ChartAxis y, IReadOnlyList<ChartSeries> series)
    {
        var rows = (series.Count + LegendColumns - 1) / LegendColumns;
        var svg = new SvgText(Width, Height - (2 * LegendRow) + (Math.Max(2, rows) * LegendRow), $"{title}: {y.Title} by {x.Title}");
        svg.Text(Left, 20, title, bold: true);
        DrawAxes(svg, x, y);
        for (var i = 0; i < series.Count; i++)
        {
            svg.Curve(series[i].Points.Select(p => (x.Place(p.X, Left, Right), y.Place(p.Y, Bottom, Top))), SvgText.Colour(i), dashed: i >= 8);
            if (series[i].Marked is { } marked)
                svg.Dot(x.Place(marked.X, Left, Right), y.Place(marked.Y, Bottom, Top), SvgText.Colour(i));
        }
        DrawLegend(svg, series);
        return svg.End();
    }

    private static void DrawAxes(SvgText svg, ChartAxis x, ChartAxis y)
    {
        foreach (var (value, text) in x.Ticks())
        {
            var at = x.Place(value, Left, Right);
            svg.GridLine(at, Top, at, Bottom);
            svg.Text(at, Bottom + 16, text, "middle", soft: true);
        }
        foreach (var (value, text) in y.Ticks())
        {
            var at = y.Place(value, Bottom, Top);
            svg.GridLine(Left, at, Right, at);
            svg.Text(Left - 8, at + 4, text, "end", soft: true);
        }
        svg.Text((Left + Right) / 2.0, Bottom + 34, x.Title, "middle");
        svg.Text(16, (Top + Bottom) / 2.0, y.Title, "middle", turn: -90);
    }

    private static void DrawLegend(SvgText svg, IReadOnlyList<ChartSeries> series)
    {
        for (var i = 0; i < series.Count; i++)
        {
            var (column, row) = (i % LegendColumns, i / LegendColumns);
            var (left, top) = (Left + (column * (Right - Left) / LegendColumns), Bottom + 56 + (row * LegendRow));
            svg.Line(left, top - 4, left + 18, top - 4, SvgText.Colour(i), 3);
            svg.Text(left + 24, top, series[i].Name);
        }
    }
}
