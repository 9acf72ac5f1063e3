using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A traffic sign on a pole: a warning triangle, a stop octagon, a round or a square one.</summary>
internal static class SignFigure
{
    private static readonly Rgb Red = new(0.80, 0.10, 0.12);
    private static readonly Rgb Blue = new(0.10, 0.30, 0.70);
    private static readonly Rgb White = new(0.95, 0.95, 0.94);

    public static Figure Make(ref SplitMix64 random)
    {
        var size = random.NextDouble(0.17, 0.24);
        var center = new Vec(0, size - 1);
        var parts = new List<Part> { new(Shapes.Rectangle(-0.018, -0.95, 0.018, 0), Rgb.Grey(0.62), Surface.Round) };
        switch (random.NextInt(4))
        {
            case 0:
                var middle = center + new Vec(0, size * 0.25);
                parts.Add(new(Shapes.Regular(middle, size * 1.25, 3, -Math.PI / 2), Red));
                parts.Add(new(Shapes.Regular(middle, size * 0.85, 3, -Math.PI / 2), White));
                parts.Add(new(Shapes.Limb(middle + new Vec(0, -size * 0.35), middle + new Vec(0, size * 0.05), size * 0.1, size * 0.07), Rgb.Grey(0.1)));
                parts.Add(new(Shapes.Circle(middle + new Vec(0, size * 0.27), size * 0.08, 12), Rgb.Grey(0.1)));
                break;
            case 1:
                parts.Add(new(Shapes.Regular(center, size * 1.06, 8, Math.PI / 8), White));
                parts.Add(new(Shapes.Regular(center, size * 0.98, 8, Math.PI / 8), Red));
                parts.Add(new(Shapes.Rectangle(-size * 0.62, center.Y - size * 0.16, size * 0.62, center.Y + size * 0.16), White));
                break;
            case 2:
                parts.Add(new(Shapes.Circle(center, size), Red));
                parts.Add(new(Shapes.Circle(center, size * 0.76), White));
                parts.Add(new(Shapes.Rectangle(-size * 0.42, center.Y - size * 0.3, -size * 0.24, center.Y + size * 0.3), Rgb.Grey(0.1)));
                parts.Add(new(Shapes.Ellipse(center + new Vec(size * 0.16, 0), size * 0.27, size * 0.31, 20), Rgb.Grey(0.1)));
                parts.Add(new(Shapes.Ellipse(center + new Vec(size * 0.16, 0), size * 0.12, size * 0.18, 16), White));
                break;
            default:
                parts.Add(new(Shapes.Rectangle(-size, center.Y - size, size, center.Y + size), White));
                parts.Add(new(Shapes.Rectangle(-size * 0.92, center.Y - size * 0.92, size * 0.92, center.Y + size * 0.92), Blue));
                parts.Add(new(Arrow(center, size), White));
                break;
        }

        return new(SceneCategory.Sign, parts);
    }

    private static Vec[] Arrow(Vec c, double size) =>
    [
        .. new Vec[] { new(0, -0.65), new(0.45, -0.15), new(0.16, -0.15), new(0.16, 0.65), new(-0.16, 0.65), new(-0.16, -0.15), new(-0.45, -0.15) }
            .Select(p => c + p * size),
    ];
}
