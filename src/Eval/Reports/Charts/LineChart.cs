using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Charts;

/// <summary>A curve of a line chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Points in the order in which they are joined.</param>
/// <param name="IsDashed">Whether it is a broken line.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsDashed = false)
{
    /// <summary>A point that is marked, and what to call it; null for none.</summary>
    public (double X, double Y, string Name)? Marked { get; init; }

    /// <summary>How the line is broken, as SVG says it.</summary>
    public string Dashes => IsDashed ? "5 4" : "";
}

/// <summary>A faint line that helps to read a chart.</summary>
/// <param name="Name">Stands at its end.</param>
/// <param name="Points">Points in the order in which they are joined.</param>
internal sealed record ChartGuide(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Draws curves over two axes. The names of the curves stand in a legend beside the picture (<see cref="Html.HtmlFigure"/>), where long ones find room.</summary>
internal static class LineChart
{
    private const int Width = 460;
    private const int Height = 300;
    private const int Left = 36;
    private const int Right = 448;
    private const int Top = 28;
    private const int Bottom = 256;

    /// <summary>The chart as SVG.</summary>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="x">Horizontal axis.</param>
    /// <param name="y">Vertical axis.</param>
    /// <param name="series">The curves; the first lies on top.</param>
    /// <param name="guides">Faint lines behind them.</param>
    public static MarkupPiece Draw(string description, ChartAxis x, ChartAxis y, IReadOnlyList<ChartSeries> series, IReadOnlyList<ChartGuide>? guides = null)
    {
        var svg = new SvgText(Width, Height, description);
        DrawAxes(svg, x, y);
        foreach (var guide in guides ?? [])
            DrawGuide(svg, guide, x, y);
        for (var i = series.Count - 1; i >= 0; i--)
        {
            var curve = series[i];
            svg.Curve(curve.Points.Select(p => (x.Place(p.X, Left, Right), y.Place(p.Y, Bottom, Top))), SvgText.Colour(i), 2, curve.Dashes, curve.Name);
        }
        for (var i = series.Count - 1; i >= 0; i--)
        {
            if (series[i].Marked is { } marked)
                svg.Dot(x.Place(marked.X, Left, Right), y.Place(marked.Y, Bottom, Top), SvgText.Colour(i), marked.Name);
        }
        return svg.End();
    }

    private static void DrawAxes(SvgText svg, ChartAxis x, ChartAxis y)
    {
        foreach (var (value, text) in x.Ticks())
        {
            var at = x.Place(value, Left, Right);
            svg.Line(at, Bottom, at, Bottom + 4, SvgText.Grid);
            svg.Text(at, Bottom + 17, text, "middle", SvgText.Soft, size: 11);
        }
        foreach (var (value, text) in y.Ticks())
        {
            var at = y.Place(value, Bottom, Top);
            svg.Line(Left, at, Right, at, SvgText.Grid);
            svg.Text(Left - 7, at + 4, text, "end", SvgText.Soft, size: 11);
        }
        svg.Text(4, 14, y.Title);
        svg.Text(Right, Bottom + 36, x.Title, "end");
    }

    private static void DrawGuide(SvgText svg, ChartGuide guide, ChartAxis x, ChartAxis y)
    {
        var points = guide.Points.Select(p => (X: x.Place(p.X, Left, Right), Y: y.Place(p.Y, Bottom, Top))).ToList();
        svg.Curve(points, SvgText.Soft, 0.6, "1 3", null);
        svg.Text(points[^1].X - 3, points[^1].Y - 4, guide.Name, "end", SvgText.Soft, size: 10);
    }
}
