using Serve.Eval.Reports.Charts;
using Serve.Inference.Pictures;

namespace Serve.Inference.Drawing;

/// <summary>Draws figures as PNG, with the built-in font: the same on every machine.</summary>
public static class FigureDrawing
{
    // Of the font's height, for the usual fonts.
    private const double CapShare = 0.7;
    private const byte White = 255;

    /// <summary>A figure as PNG.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="scale">Pixels of the picture for one of the figure.</param>
    public static byte[] ToPng(Figure figure, int scale = 2)
    {
        ArgumentNullException.ThrowIfNull(figure);
        var (width, height) = (figure.Width * scale, figure.Height * scale);
        var pixels = new byte[width * height * 3];
        pixels.AsSpan().Fill(White);
        var canvas = new Canvas(new Picture(width, height, pixels));
        foreach (var part in figure.Parts)
        {
            if (part is FigureRectangle box)
                Fill(canvas, box, scale);
            else if (part is FigureLine line)
                Draw(canvas, line, scale);
            else if (part is FigureText text)
                Write(canvas, text, scale);
        }

        return PictureEncoder.Encode(canvas.ToPicture(), "image/png");
    }

    private static void Fill(Canvas canvas, FigureRectangle box, int scale)
        => canvas.Fill(
            Pixel(box.X * scale), Pixel(box.Y * scale), Pixel((box.X + box.Width) * scale), Pixel((box.Y + box.Height) * scale), ColourOf(box.Colour));

    private static void Draw(Canvas canvas, FigureLine line, int scale)
    {
        for (var i = 1; i < line.Points.Count; i++)
        {
            var (from, to) = (line.Points[i - 1], line.Points[i]);
            canvas.Line((from.X * scale, from.Y * scale), (to.X * scale, to.Y * scale), line.Width * scale / 2, ColourOf(line.Colour));
        }
    }

    private static void Write(Canvas canvas, FigureText text, int scale)
    {
        var unit = text.Size * CapShare / StrokeFont.CapHeight * scale;
        var width = StrokeFont.Width(text.Text) * unit;
        var left = text.X * scale - text.Anchor switch { TextAnchor.Left => 0, TextAnchor.Middle => width / 2, _ => width };
        canvas.Write(text.Text, left, text.Y * scale - StrokeFont.CapHeight * unit, unit, ColourOf(text.Colour));
    }

    private static int Pixel(double position) => (int)Math.Round(position);

    private static Colour ColourOf(int rgb) => new((byte)(rgb >> 16), (byte)(rgb >> 8), (byte)rgb);
}
