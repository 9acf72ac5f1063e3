namespace Serve.Eval.Reports.Charts;

/// <summary>Draws curves over two axes with their legend as a figure that stands alone, in a file. <see cref="LineChart"/> draws the same for a page.</summary>
internal static class LineFigure
{
    private const int Width = 760;
    private const int PlotHeight = 300;
    private const int Left = 70;
    private const int Right = 740;
    private const int Top = 48;
    private const int LegendRow = 20;
    private const int LegendColumn = 330;
    private const int Ink = 0x1d2329;
    private const int Soft = 0x5b6570;
    private const int Grid = 0xe3e7ea;
    private const int Paper = 0xffffff;

    /// <summary>The figure.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="x">Horizontal axis.</param>
    /// <param name="y">Vertical axis.</param>
    /// <param name="series">The curves; the first lies on top.</param>
    public static Figure Draw(string title, ChartAxis x, ChartAxis y, IReadOnlyList<ChartSeries> series)
    {
        var bottom = Top + PlotHeight;
        var height = bottom + 64 + ((series.Count + 1) / 2 * LegendRow);
        List<FigurePart> parts =
        [
            new FigureRectangle(0, 0, Width, height, Paper),
            new FigureText(Left, 22, title, 15, TextAnchor.Left, Ink),
            new FigureText(Left, 40, y.Title, 12, TextAnchor.Left, Soft),
            new FigureText(Right, bottom + 36, x.Title, 12, TextAnchor.Right, Soft),
        ];
        foreach (var (value, text) in y.Ticks())
        {
            var at = y.Place(value, bottom, Top);
            parts.Add(new FigureRectangle(Left, at, Right - Left, 1, Grid));
            parts.Add(new FigureText(Left - 8, at + 4, text, 11, TextAnchor.Right, Soft));
        }

        foreach (var (value, text) in x.Ticks())
        {
            var at = x.Place(value, Left, Right);
            parts.Add(new FigureRectangle(at, bottom, 1, 5, Grid));
            parts.Add(new FigureText(at, bottom + 18, text, 11, TextAnchor.Middle, Soft));
        }

        for (var i = series.Count - 1; i >= 0; i--)
        {
            var colour = SvgText.FixedColour(i);
            parts.Add(new FigureLine([.. series[i].Points.Select(point => (x.Place(point.X, Left, Right), y.Place(point.Y, bottom, Top)))], 1.8, colour));
            var (column, row) = (Left + (i % 2 * LegendColumn), bottom + 56 + (i / 2 * LegendRow));
            parts.Add(new FigureRectangle(column, row - 5, 22, 3, colour));
            parts.Add(new FigureText(column + 30, row, series[i].Name, 12, TextAnchor.Left, Ink));
        }

        return new(Width, height, title, parts);
    }
}
