using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Charts;

/// <summary>Where a text is fixed.</summary>
public enum TextAnchor
{
    /// <summary>At its left end.</summary>
    Left,

    /// <summary>In its middle.</summary>
    Middle,

    /// <summary>At its right end.</summary>
    Right,
}

/// <summary>A part of a figure.</summary>
public abstract record FigurePart;

/// <summary>A filled rectangle.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
/// <param name="Colour">RGB, 0xRRGGBB.</param>
public sealed record FigureRectangle(double X, double Y, double Width, double Height, int Colour) : FigurePart;

/// <summary>A line through points.</summary>
/// <param name="Points">The points in the order in which they are joined.</param>
/// <param name="Width">Its thickness.</param>
/// <param name="Colour">RGB, 0xRRGGBB.</param>
public sealed record FigureLine(IReadOnlyList<(double X, double Y)> Points, double Width, int Colour) : FigurePart;

/// <summary>A line of text.</summary>
/// <param name="X">Where it is fixed, across.</param>
/// <param name="Y">Its baseline.</param>
/// <param name="Text">The text.</param>
/// <param name="Size">Height of the font.</param>
/// <param name="Anchor">Where it is fixed.</param>
/// <param name="Colour">RGB, 0xRRGGBB.</param>
public sealed record FigureText(double X, double Y, string Text, double Size, TextAnchor Anchor, int Colour) : FigurePart;

/// <summary>A drawing of rectangles, lines and texts, which becomes SVG here and pixels elsewhere.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Title">What it shows, for those who do not see it.</param>
/// <param name="Parts">What is drawn, from the back to the front.</param>
public sealed record Figure(int Width, int Height, string Title, IReadOnlyList<FigurePart> Parts)
{
    /// <summary>The figure as an SVG document. It has a background of its own, so it is legible on a dark page.</summary>
    public string ToSvg()
    {
        var svg = new MarkupText().Add(
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}" role="img" font-family="system-ui, sans-serif">""");
        svg.Add($"\n<title>{Title}</title>\n");
        foreach (var part in Parts)
        {
            if (part is FigureRectangle box)
                svg.Add($"""<rect x="{box.X}" y="{box.Y}" width="{box.Width}" height="{box.Height}" fill="#{box.Colour:x6}"/>""").Add($"\n");
            else if (part is FigureLine line)
                AddLine(svg, line);
            else if (part is FigureText label)
                svg.Add($"""<text x="{label.X}" y="{label.Y}" font-size="{label.Size}" text-anchor="{AnchorName(label.Anchor)}" fill="#{label.Colour:x6}">{label.Text}</text>""").Add($"\n");
        }
        return svg.Add($"</svg>\n").ToPiece().Text;
    }

    private static void AddLine(MarkupText svg, FigureLine line)
    {
        svg.Add($"""<polyline fill="none" stroke="#{line.Colour:x6}" stroke-width="{line.Width}" stroke-linejoin="round" points=" """);
        foreach (var (x, y) in line.Points)
            svg.Add($"{x},{y} ");
        svg.Add($"\"/>\n");
    }

    private static string AnchorName(TextAnchor anchor) => anchor switch { TextAnchor.Left => "start", TextAnchor.Middle => "middle", _ => "end" };
}
