using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>The colour of a part's surface at a point, in a given light.</summary>
internal static class Shading
{
    private static readonly Rgb Sky = new(0.72, 0.83, 0.92);

    /// <summary>Shades a point.</summary>
    /// <param name="part">The part.</param>
    /// <param name="point">In the figure's coordinates.</param>
    /// <param name="light">Where the light comes from.</param>
    /// <param name="seed">Seed of the grain and the foliage.</param>
    public static Rgb At(Part part, Vec point, Light light, uint seed)
    {
        var x = Math.Clamp((point.X - part.Center.X) / part.Radius.X, -1, 1);
        var y = Math.Clamp((point.Y - part.Center.Y) / part.Radius.Y, -1, 1);
        var slope = x * light.X + y * light.Y;
        return part.Surface switch
        {
            Surface.Ball => Ball(part.Color, x, y, ambient: 0.34, gloss: 0.6, light),
            Surface.Soft => Ball(part.Color, x, y, ambient: 0.62, gloss: 0, light),
            Surface.Round => part.Color * (0.55 + 0.6 * light.On(x, 0, Math.Sqrt(1 - x * x))),
            Surface.Leaves => part.Color * ((0.5 + 0.75 * Noise.Fractal(point.X * 22, point.Y * 22, 3, seed)) * (1 + 0.22 * slope)),
            Surface.Wood => part.Color * ((0.8 + 0.35 * Noise.Fractal(point.X * 5, point.Y * 45, 2, seed)) * (1 + 0.06 * slope)),
            Surface.Paintwork => Paintwork(part.Color, x, y),
            Surface.Glass => part.Color.Mix(Sky, 0.30 * (1 - y) / 2 + 0.5 * Band(x + 0.5 * y, -0.25, 0.16) + 0.25 * Band(x + 0.5 * y, 0.15, 0.06)),
            _ => part.Color * (0.98 + 0.14 * slope),
        };
    }

    private static Rgb Ball(Rgb color, double x, double y, double ambient, double gloss, Light light)
    {
        var squared = x * x + y * y;
        if (squared > 1)
        {
            var length = Math.Sqrt(squared);
            (x, y, squared) = (x / length, y / length, 1);
        }

        var z = Math.Sqrt(1 - squared);
        return color * (ambient + (1.1 - ambient) * light.On(x, y, z)) + Rgb.Grey(gloss * light.Glint(x, y, z));
    }

    private static Rgb Paintwork(Rgb color, double x, double y) =>
        color * (1.08 - 0.22 * y - 0.06 * x * x) + Sky * (0.28 * Band(y, -0.62, 0.3)) + Rgb.Grey(-0.1 * Band(y, 0.35, 0.5));

    // 1 at the middle, falling smoothly to 0 at the given distance.
    private static double Band(double value, double middle, double reach)
    {
        var t = Math.Max(0, 1 - Math.Abs(value - middle) / reach);
        return t * t * (3 - 2 * t);
    }
}
