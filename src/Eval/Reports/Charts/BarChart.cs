using System.Globalization;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Charts;

/// <summary>A bar of a bar chart.</summary>
/// <param name="Label">What it is of.</param>
/// <param name="Value">Its length; null for no number.</param>
/// <param name="Interval">Ends of an interval around the value, where there is one.</param>
internal sealed record ChartBar(string Label, double? Value, (double Lower, double Upper)? Interval = null);

/// <summary>Draws horizontal bars, one below the other, with their values.</summary>
internal static class BarChart
{
    private const int Width = 460;
    private const int Row = 28;
    private const int Top = 6;
    private const int ValueWidth = 54;
    private const double LetterWidth = 7.1;
    private const int LongestLabel = 30;

    /// <summary>The chart as SVG.</summary>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="axis">What the bars measure.</param>
    /// <param name="bars">The bars from above.</param>
    /// <param name="format">How values are written.</param>
    /// <param name="colour">Number of their colour.</param>
    public static MarkupPiece Draw(string description, ChartAxis axis, IReadOnlyList<ChartBar> bars, string format, int colour = 0)
    {
        var left = 12 + (int)(LetterWidth * Math.Min(LongestLabel, bars.Select(bar => bar.Label.Length).DefaultIfEmpty(0).Max()));
        var (right, bottom) = (Width - ValueWidth, Top + (bars.Count * Row));
        var svg = new SvgText(Width, bottom + (axis.Title.Length > 0 ? 42 : 22), description);
        foreach (var (value, text) in axis.Ticks())
        {
            var at = axis.Place(value, left, right);
            svg.Line(at, Top, at, bottom, SvgText.Grid);
            svg.Text(at, bottom + 15, text, "middle", SvgText.Soft, size: 11);
        }
        svg.Text(right, bottom + 34, axis.Title, "end");
        for (var i = 0; i < bars.Count; i++)
            DrawBar(svg, axis, bars[i], (left, right), Top + (i * Row), format, SvgText.Colour(colour));
        return svg.End();
    }

    private static void DrawBar(SvgText svg, ChartAxis axis, ChartBar bar, (int Left, int Right) place, int top, string format, string colour)
    {
        var middle = top + (Row / 2.0);
        svg.Text(place.Left - 8, middle + 4, Short(bar.Label), "end");
        if (bar.Value is not { } value)
        {
            svg.Text(place.Left + 6, middle + 4, "no object", colour: SvgText.Soft);
            return;
        }
        var (written, end) = (Number(value, format), axis.Place(value, place.Left, place.Right));
        var tip = bar.Interval is { } ends ? $"{bar.Label}: {written} ({Number(ends.Lower, format)} to {Number(ends.Upper, format)})" : $"{bar.Label}: {written}";
        svg.Bar(place.Left, top + 5, end - place.Left, Row - 10, colour, tip, 0.78);
        if (bar.Interval is { } interval)
        {
            var (lower, upper) = (axis.Place(interval.Lower, place.Left, place.Right), axis.Place(interval.Upper, place.Left, place.Right));
            svg.Line(lower, middle, upper, middle, SvgText.Ink, 1.5);
            svg.Line(lower, middle - 4, lower, middle + 4, SvgText.Ink, 1.5);
            svg.Line(upper, middle - 4, upper, middle + 4, SvgText.Ink, 1.5);
            end = Math.Max(end, upper);
        }
        svg.Text(end + 6, middle + 4, written);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Short(string label) => label.Length <= LongestLabel ? label : string.Concat(label.AsSpan(0, LongestLabel - 1), "…");
}
