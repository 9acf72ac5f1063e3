using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Charts;

/// <summary>
/// Builds the text of an SVG picture. Colours come from the page's variables (<c>--ink</c>, <c>--soft</c>, <c>--grid</c>, <c>--paper</c>, <c>--c0</c> … <c>--c7</c>)
/// with fixed ones where there is no page, so the same picture stands in light pages, in dark ones and alone.
/// </summary>
internal sealed class SvgText
{
    // Okabe and Ito's colours, which people with any colour vision tell apart.
    private static readonly string[] Fixed = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b87a00", "#3a9bd9", "#7a6a00", "#555555"];

    private readonly MarkupText markup = new();

    /// <summary>Begins a picture.</summary>
    /// <param name="width">Width in units; it scales to the page.</param>
    /// <param name="height">Height in units.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public SvgText(int width, int height, string description) => markup.Add(
        $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{description}" font-family="system-ui,sans-serif" font-size="12">""");

    /// <summary>Colour of writing.</summary>
    public static string Ink => "var(--ink,#1d2329)";

    /// <summary>Colour of writing that is not to be read first.</summary>
    public static string Soft => "var(--soft,#5b6570)";

    /// <summary>Colour of lines behind the data.</summary>
    public static string Grid => "var(--grid,#e3e7ea)";

    /// <summary>Colour behind everything.</summary>
    public static string Paper => "var(--paper,#fff)";

    /// <summary>Colour of a series where there is no page; RGB, 0xRRGGBB.</summary>
    public static int FixedColour(int series) => Convert.ToInt32(Fixed[series % Fixed.Length][1..], 16);

    /// <summary>Colour of a series.</summary>
    public static string Colour(int series) => $"var(--c{series % Fixed.Length},{Fixed[series % Fixed.Length]})";

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string colour, double width = 1)
        => markup.Add($"""<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"/>""");

    /// <summary>A curve through points, with a text that shows when pointed at.</summary>
    public void Curve(IEnumerable<(double X, double Y)> points, string colour, double width, string dashes, string? tip)
    {
        markup.Add($"""<polyline fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" stroke-linecap="round"{Dashes(dashes)} points=" """);
        foreach (var (x, y) in points)
            markup.Add($"{x},{y} ");
        markup.Add($"\">{Tip(tip)}</polyline>");
    }

    /// <summary>A dot with a rim that sets it off from lines.</summary>
    public void Dot(double x, double y, string colour, string tip)
        => markup.Add($"""<circle cx="{x}" cy="{y}" r="4.5" fill="{colour}" stroke="{Paper}" stroke-width="1.5">{Tip(tip)}</circle>""");

    /// <summary>A filled rectangle, with a text that shows when pointed at.</summary>
    public void Bar(double x, double y, double width, double height, string colour, string tip, double opacity)
        => markup.Add($"""<rect x="{x}" y="{y}" width="{Math.Max(0, width)}" height="{Math.Max(0, height)}" rx="2" fill="{colour}" fill-opacity="{opacity}">{Tip(tip)}</rect>""");

    /// <summary>A rectangle's outline.</summary>
    public void Frame(double x, double y, double width, double height, string colour)
        => markup.Add($"""<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="2" fill="none" stroke="{colour}"/>""");

    /// <summary>A text. The anchor is <c>start</c>, <c>middle</c> or <c>end</c>.</summary>
    public void Text(double x, double y, string content, string anchor = "start", string? colour = null, double turn = 0, double size = 12)
    {
        var rotation = turn == 0 ? MarkupPiece.None : new MarkupText().Add($" transform=\"rotate({turn} {x} {y})\"").ToPiece();
        var height = size == 12 ? MarkupPiece.None : new MarkupText().Add($" font-size=\"{size}\"").ToPiece();
        markup.Add($"""<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour ?? Ink}"{height}{rotation}>{content}</text>""");
    }

    /// <summary>The finished picture.</summary>
    public MarkupPiece End() => markup.Add($"</svg>").ToPiece();

    private static MarkupPiece Tip(string? tip) => tip is null ? MarkupPiece.None : new MarkupText().Add($"<title>{tip}</title>").ToPiece();

    private static MarkupPiece Dashes(string dashes) => dashes.Length == 0 ? MarkupPiece.None : new MarkupText().Add($" stroke-dasharray=\"{dashes}\"").ToPiece();
}
