using System.Globalization;

namespace Serve.Eval.Reports.Charts;

/// <summary>A bar of a bar chart.</summary>
/// <param name="Label">What it is of.</param>
/// <param name="Value">Its length; null for no number, which is written as a dash.</param>
/// <param name="Interval">Ends of an interval around the value, where there is one.</param>
internal sealed record ChartBar(string Label, double? Value, (double Lower, double Upper)? Interval = null);

/// <summary>Draws horizontal bars, one below the other, with their values.</summary>
internal static class BarChart
{
    private const int Width = 520;
    private const int Row = 26;
    private const int Top = 36;
    private const int Right = 440;
    private const int LabelWidth = 7;

    /// <summary>The chart as SVG.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="axis">What the bars measure.</param>
    /// <param name="bars">The bars from above.</param>
    /// <param name="format">How values are written.</param>
    public static string Draw(string title, ChartAxis axis, IReadOnlyList<ChartBar> bars, string format)
    {
        var left = 24 + (LabelWidth * Math.Min(30, bars.Select(bar => bar.Label.Length).DefaultIfEmpty(0).Max()));
        var bottom = Top + (bars.Count * Row);
        var svg = new SvgText(Width, bottom + 44, title);
        svg.Text(16, 20, title, bold: true);
        foreach (var (value, text) in axis.Ticks())
        {
            var at = axis.Place(value, left, Right);
            svg.GridLine(at, Top, at, bottom);
            svg.Text(at, bottom + 16, text, "middle", soft: true);
        }
        svg.Text((left + Right) / 2.0, bottom + 34, axis.Title, "middle");
        for (var i = 0; i < bars.Count; i++)
            DrawBar(svg, axis, bars[i], left, Top + (i * Row), format);
        return svg.End();
    }

    private static void DrawBar(SvgText svg, ChartAxis axis, ChartBar bar, int left, int top, string format)
    {
        svg.Text(left - 8, top + 17, bar.Label, "end");
        if (bar.Value is not { } value)
        {
            svg.Text(left + 6, top + 17, "no ground truth", soft: true);
            return;
        }
        var written = value.ToString(format, CultureInfo.InvariantCulture);
        var end = axis.Place(value, left, Right);
        svg.Bar(left, top + 4, end - left, Row - 8, SvgText.Colour(0), 1, $"{bar.Label}: {written}");
        if (bar.Interval is { } interval)
        {
            var (lower, upper) = (axis.Place(interval.Lower, left, Right), axis.Place(interval.Upper, left, Right));
            var middle = top + (Row / 2.0);
            svg.Line(lower, middle, upper, middle, "var(--ink,#222)", 1.5);
            svg.Line(lower, middle - 5, lower, middle + 5, "var(--ink,#222)", 1.5);
            svg.Line(upper, middle - 5, upper, middle + 5, "var(--ink,#222)", 1.5);
            end = Math.Max(end, upper);
        }
        svg.Text(end + 8, top + 17, written);
    }
}
