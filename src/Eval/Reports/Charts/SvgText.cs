using System.Globalization;
using System.Net;
using System.Text;

namespace Serve.Eval.Reports.Charts;

/// <summary>
/// Builds the text of an SVG picture. Colours come from the page's variables (<c>--ink</c>, <c>--soft</c>, <c>--grid</c>, <c>--paper</c>, <c>--c0</c> … <c>--c7</c>)
/// with fixed ones where there is no page, so the same picture stands in light pages, in dark ones and alone.
/// </summary>
internal sealed class SvgText
{
    private static readonly string[] Fixed = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a6a00", "#555555"];

    private readonly StringBuilder text = new();

    /// <summary>Begins a picture.</summary>
    /// <param name="width">Width in units; it scales to the page.</param>
    /// <param name="height">Height in units.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public SvgText(int width, int height, string description)
    {
        text.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" """);
        text.Append(CultureInfo.InvariantCulture, $"""aria-label="{Escape(description)}" font-family="system-ui,sans-serif" font-size="12"><title>{Escape(description)}</title>""");
        text.Append(CultureInfo.InvariantCulture, $"""<rect width="{width}" height="{height}" fill="var(--paper,#fff)"/>""");
    }

    /// <summary>Colour of a series.</summary>
    public static string Colour(int series) => $"var(--c{series % Fixed.Length},{Fixed[series % Fixed.Length]})";

    /// <summary>A line of the grid.</summary>
    public void GridLine(double x1, double y1, double x2, double y2)
        => Add($"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="var(--grid,#ddd)"/>""");

    /// <summary>A line of a given colour.</summary>
    public void Line(double x1, double y1, double x2, double y2, string colour, double width)
        => Add($"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{colour}" stroke-width="{width:0.#}"/>""");

    /// <summary>A curve through points.</summary>
    public void Curve(IEnumerable<(double X, double Y)> points, string colour, bool dashed)
    {
        var dashes = dashed ? " stroke-dasharray=\"5 4\"" : "";
        Add($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" stroke-linejoin=\"round\"{dashes} points=\"");
        foreach (var (x, y) in points)
            Add($"{x:0.##},{y:0.##} ");
        text.Append("\"/>");
    }

    /// <summary>A dot.</summary>
    public void Dot(double x, double y, string colour) => Add($"""<circle cx="{x:0.#}" cy="{y:0.#}" r="4" fill="{colour}"/>""");

    /// <summary>A filled rectangle, with a text that shows when pointed at.</summary>
    public void Bar(double x, double y, double width, double height, string colour, double opacity, string tip)
        => Add($"""<rect x="{x:0.#}" y="{y:0.#}" width="{Math.Max(0, width):0.#}" height="{Math.Max(0, height):0.#}" fill="{colour}" fill-opacity="{opacity:0.###}"><title>{Escape(tip)}</title></rect>""");

    /// <summary>A text. The anchor is <c>start</c>, <c>middle</c> or <c>end</c>.</summary>
    public void Text(double x, double y, string content, string anchor = "start", bool soft = false, double turn = 0, bool bold = false)
    {
        var rotation = turn == 0 ? "" : FormattableString.Invariant($" transform=\"rotate({turn:0.#} {x:0.#} {y:0.#})\"");
        var weight = bold ? " font-weight=\"600\"" : "";
        Add($"""<text x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" fill="{(soft ? "var(--soft,#666)" : "var(--ink,#222)")}"{rotation}{weight}>{Escape(content)}</text>""");
    }

    /// <summary>The finished picture.</summary>
    public string End() => text.Append("</svg>").ToString();

    /// <summary>A text as it stands in markup.</summary>
    public static string Escape(string content) => WebUtility.HtmlEncode(content);

    private void Add(FormattableString piece) => text.Append(piece.ToString(CultureInfo.InvariantCulture));
}
