using Serve.Eval;

namespace Serve.Inference.Scenes.Drawing;

/// <summary>Closed outlines, as corners; the last joins the first.</summary>
internal static class Shapes
{
    private const double Turn = 2 * Math.PI;

    public static Vec[] Ellipse(Vec center, double radiusX, double radiusY, int corners = 40) =>
        Around(corners, i => center + new Vec(radiusX * Math.Cos(Turn * i / corners), radiusY * Math.Sin(Turn * i / corners)));

    public static Vec[] Circle(Vec center, double radius, int corners = 40) => Ellipse(center, radius, radius, corners);

    public static Vec[] Rectangle(double x1, double y1, double x2, double y2) => [new(x1, y1), new(x2, y1), new(x2, y2), new(x1, y2)];

    /// <summary>A regular polygon with its first corner at the given angle.</summary>
    public static Vec[] Regular(Vec center, double radius, int corners, double angle) =>
        Around(corners, i => center + Vec.At(angle + Turn * i / corners) * radius);

    /// <summary>An ellipse lying at an angle: its long axis points there.</summary>
    public static Vec[] Petal(Vec center, double length, double width, double angle)
    {
        var (along, across) = (Vec.At(angle), Vec.At(angle + Turn / 4));
        return Around(20, i => center + along * (length * Math.Cos(Turn * i / 20)) + across * (width * Math.Sin(Turn * i / 20)));
    }

    /// <summary>Two circles and all between them: an arm, a leg, a stroke of a pen.</summary>
    public static Vec[] Limb(Vec from, Vec to, double fromRadius, double toRadius, int corners = 12)
    {
        var direction = Math.Atan2(to.Y - from.Y, to.X - from.X);
        var half = corners / 2;
        return Around(half * 2, i => i < half
            ? to + Vec.At(direction - Turn / 4 + Turn / 2 * i / (half - 1)) * toRadius
            : from + Vec.At(direction + Turn / 4 + Turn / 2 * (i - half) / (half - 1)) * fromRadius);
    }

    /// <summary>A circle whose edge goes in and out by a share of its radius.</summary>
    public static Vec[] Blob(Vec center, double radius, double roughness, ref SplitMix64 random)
    {
        var bumps = random.NextInt(4) + 6;
        var (phase, second) = (random.NextDouble(0, Turn), random.NextDouble(0, Turn));
        return Around(48, i =>
        {
            var angle = Turn * i / 48;
            var wave = Math.Sin(bumps * angle + phase) + 0.6 * Math.Sin((2 * bumps + 1) * angle + second);
            return center + Vec.At(angle) * (radius * (1 + roughness * wave));
        });
    }

    /// <summary>Rounds the corners of an outline by cutting them twice or more (Chaikin, 1974).</summary>
    public static Vec[] Rounded(Vec[] outline, int rounds = 2)
    {
        for (; rounds > 0; rounds--)
        {
            var corners = outline;
            outline = Around(corners.Length * 2, i =>
            {
                var (a, b) = (corners[i / 2], corners[(i / 2 + 1) % corners.Length]);
                return a.Toward(b, i % 2 == 0 ? 0.2 : 0.8);
            });
        }

        return outline;
    }

    /// <summary>Twice the signed area; positive when the corners go clockwise as seen (y points down).</summary>
    public static double TwiceArea(ReadOnlySpan<Vec> outline)
    {
        double sum = 0;
        for (var i = 0; i < outline.Length; i++)
        {
            var (a, b) = (outline[i], outline[(i + 1) % outline.Length]);
            sum += a.X * b.Y - b.X * a.Y;
        }

        return sum;
    }

    private static Vec[] Around(int corners, Func<int, Vec> corner) => [.. Enumerable.Range(0, corners).Select(corner)];
}
