using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>Draws figures with a pen: black outlines, white paper, and hatching where colour or shade is dark.</summary>
internal sealed class InkPainter(Canvas canvas, Light light)
{
    // Lines closer than this run together.
    private const double HatchSpacing = 4.5;

    // Below this height, pixels, there is no room for hatching.
    private const double SmallHeight = 45;

    private static readonly Vec Down = Vec.At(Math.PI / 4);
    private static readonly Vec Up = Vec.At(-Math.PI / 4);

    /// <summary>Draws a figure.</summary>
    /// <param name="figure">What to draw.</param>
    /// <param name="pose">Where.</param>
    /// <param name="owner">The object that is seen there from now on.</param>
    /// <param name="clip">Nothing is drawn outside of it.</param>
    /// <returns>Pixels of the figure within the clip area.</returns>
    public int Paint(Figure figure, Pose pose, int owner, Area clip)
    {
        var height = Math.Abs(pose.YY);
        var width = Math.Clamp(height * 0.014, 0.8, 3.2);
        var inverse = pose.Inverse();
        var all = new List<Vec[]>();
        foreach (var (i, part) in figure.Parts.Index())
        {
            var outline = pose.Apply(part.Outline);
            var seed = (uint)(owner * 64 + i);
            canvas.Fill(Coverage.Of([outline], clip), (x, y) =>
                Rgb.Grey(1 - Ink(Shading.At(part, inverse.Apply(new Vec(x, y)), light, seed).Luma, x, y, height)));

            // Small parts have thin lines, so that eyes stay eyes.
            var line = Math.Min(width, 0.6 * height * Math.Min(part.Radius.X, part.Radius.Y));
            var stroke = Silhouette.Of([.. Pen.Around(outline, line)]);
            canvas.Fill(Coverage.Of(stroke, clip), (_, _) => Rgb.Black);
            all.Add(outline);
            all.AddRange(stroke);
        }

        return canvas.Own(Coverage.Of(Silhouette.Of(all), clip), owner);
    }

    // The darker, the more lines: none, one direction, two, solid.
    private static double Ink(double luma, double x, double y, double height)
    {
        if (luma < 0.12) return 1;
        if (height < SmallHeight || luma > 0.48) return 0;
        var width = 0.6 + 1.4 * (0.48 - luma);
        var first = Pen.Hatch(x, y, Down, HatchSpacing, width);
        return luma > 0.27 ? first : Math.Max(first, Pen.Hatch(x, y, Up, HatchSpacing, width));
    }
}
