using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>Paints figures in colour, with light, shadow and haze.</summary>
internal sealed class ColorPainter(Canvas canvas, Light light, Rgb hazeColor)
{
    /// <summary>Paints a figure.</summary>
    /// <param name="figure">What to paint.</param>
    /// <param name="pose">Where.</param>
    /// <param name="owner">The object that is seen there from now on.</param>
    /// <param name="haze">How much of it is lost in the haze, 0..1.</param>
    /// <returns>Pixels of the figure within the canvas.</returns>
    public int Paint(Figure figure, Pose pose, int owner, double haze = 0)
    {
        var inverse = pose.Inverse();
        var outlines = figure.Parts.Select(p => pose.Apply(p.Outline)).ToArray();
        for (var i = 0; i < outlines.Length; i++)
        {
            var (part, seed) = (figure.Parts[i], (uint)(owner * 64 + i));
            canvas.Fill(Coverage.Of([outlines[i]], canvas.Area), (x, y) =>
                Shading.At(part, inverse.Apply(new Vec(x, y)), light, seed).Mix(hazeColor, haze));
        }

        return canvas.Own(Coverage.Of(Silhouette.Of(outlines), canvas.Area), owner);
    }

    /// <summary>Darkens the ground where a figure keeps the light away.</summary>
    /// <param name="figure">What throws the shadow.</param>
    /// <param name="foot">Where it stands.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="strength">1 is black.</param>
    public void PaintShadow(Figure figure, Vec foot, double height, double strength)
    {
        var pose = Pose.Shadow(foot, height, lean: -0.9 * light.X, flatness: 0.28);
        Darken(Silhouette.Of([.. figure.Parts.Select(p => pose.Apply(p.Outline))]), height * 0.025, strength);
        Darken([Shapes.Ellipse(foot, figure.Width * height * 0.42, figure.Width * height * 0.07, 24)], figure.Width * height * 0.03, strength);
    }

    private void Darken(IReadOnlyList<Vec[]> outlines, double blur, double strength)
    {
        var radius = (int)Math.Min(blur, 12);
        var coverage = Coverage.Of(outlines, canvas.Area, margin: radius * 3);
        coverage.Blur(radius);
        canvas.Fill(coverage, (_, _) => new(0.03, 0.03, 0.05), strength);
    }
}
