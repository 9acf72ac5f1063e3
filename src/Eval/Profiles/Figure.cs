using System.Globalization;
using System.Text;

namespace Serve.Eval.Profiles;

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

/// <summary>A line of text.</summary>
/// <param name="X">Where it is fixed, across.</param>
/// <param name="Y">Its baseline.</param>
/// <param name="Text">The text.</param>
/// <param name="Size">Height of the font.</param>
/// <param name="Anchor">Where it is fixed.</param>
/// <param name="Colour">RGB, 0xRRGGBB.</param>
public sealed record FigureText(double X, double Y, string Text, double Size, TextAnchor Anchor, int Colour) : FigurePart;

/// <summary>A drawing of rectangles and texts, which becomes SVG here and pixels elsewhere.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Title">What it shows, for those who do not see it.</param>
/// <param name="Parts">What is drawn, from the back to the front.</param>
public sealed record Figure(int Width, int Height, string Title, IReadOnlyList<FigurePart> Parts)
{
    /// <summary>The figure as an SVG document. It has a background of its own, so it is legible on a dark page.</summary>
    public string ToSvg()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\"");
        text.Append(CultureInfo.InvariantCulture, $" role=\"img\" font-family=\"system-ui, sans-serif\">\n<title>{Escape(Title)}</title>\n");
        foreach (var part in Parts)
        {
            if (part is FigureRectangle box)
                Append(text, box);
            else if (part is FigureText label)
                Append(text, label);
        }
        return text.Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder text, FigureRectangle box) => text.Append(
        CultureInfo.InvariantCulture,
        $"<rect x=\"{box.X:0.##}\" y=\"{box.Y:0.##}\" width=\"{box.Width:0.##}\" height=\"{box.Height:0.##}\" fill=\"#{box.Colour:x6}\"/>\n");

    private static void Append(StringBuilder text, FigureText label)
    {
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{label.X:0.##}\" y=\"{label.Y:0.##}\" font-size=\"{label.Size:0.##}\"");
        text.Append(CultureInfo.InvariantCulture, $" text-anchor=\"{AnchorName(label.Anchor)}\" fill=\"#{label.Colour:x6}\">{Escape(label.Text)}</text>\n");
    }

    private static string AnchorName(TextAnchor anchor) => anchor switch { TextAnchor.Left => "start", TextAnchor.Middle => "middle", _ => "end" };

    private static string Escape(string text)
        => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
