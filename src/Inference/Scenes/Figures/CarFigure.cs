using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A car, seen from the side or from an end.</summary>
internal static class CarFigure
{
    private static readonly Rgb Tyre = Rgb.Grey(0.07);
    private static readonly Rgb Window = new(0.16, 0.22, 0.28);

    public static Figure MakeFromTheSide(ref SplitMix64 random)
    {
        var color = Lacquer(ref random);
        var van = random.NextBool(0.25);
        var roof = van ? random.NextDouble(0.75, 0.95) : random.NextDouble(0.35, 0.55);
        Vec[] body = Shapes.Rounded([
            new(-1.36, -0.16), new(-1.38, -0.50), new(-1.28, -0.62), new(1.0, -0.62), new(1.32, -0.52), new(1.40, -0.36), new(1.38, -0.16)]);
        Vec[] cabin = van
            ? Shapes.Rounded([new(-1.33, -0.5), new(-1.28, -0.98), new(roof, -1), new(1.0, -0.55)], rounds: 1)
            : Shapes.Rounded([new(-1.15, -0.55), new(-0.78, -0.98), new(roof, -1), new(0.85, -0.55)], rounds: 1);
        var sill = -0.60;

        var parts = new List<Part>
        {
            new(cabin, color, Surface.Paintwork),
            new(body, color, Surface.Paintwork),
            new(Shapes.Rectangle(-1.36, -0.25, 1.37, -0.17), color * 0.45),
        };
        foreach (var (left, right) in van ? [(-1.2, -0.55), (-0.45, 0.15), (0.25, 0.8)] : new[] { (-0.92, -0.2), (-0.1, 0.66) })
            parts.Add(new(Pane(left, right), Window, Surface.Glass));
        parts.Add(new(Shapes.Ellipse(new(1.30, -0.46), 0.07, 0.05), new(1, 0.97, 0.82), Surface.Ball));
        parts.Add(new(Shapes.Rectangle(-1.38, -0.55, -1.31, -0.43), new(0.75, 0.08, 0.08)));
        parts.AddRange(Wheel(-0.82));
        parts.AddRange(Wheel(0.86));
        return new(SceneCategory.Car, parts);

        // Windows lean like the cabin's ends.
        Vec[] Pane(double left, double right)
        {
            var slope = van ? 0.06 : 0.14;
            return [new(left, sill), new(left + slope, -0.92), new(Math.Min(right, roof) - slope * 0.3, -0.92), new(right, sill)];
        }
    }

    /// <summary>From behind, or from the front as it comes toward the viewer.</summary>
    public static Figure MakeFromTheEnd(bool front, ref SplitMix64 random)
    {
        var color = Lacquer(ref random);
        Vec[] cabin = Shapes.Rounded([new(-0.50, -0.5), new(-0.40, -1), new(0.40, -1), new(0.50, -0.5)], rounds: 1);
        Vec[] body = Shapes.Rounded([new(-0.60, -0.13), new(-0.61, -0.56), new(-0.5, -0.64), new(0.5, -0.64), new(0.61, -0.56), new(0.60, -0.13)]);
        var lamp = front ? new Rgb(1, 0.98, 0.88) : new Rgb(0.80, 0.07, 0.07);
        Part[] parts =
        [
            new(Shapes.Rectangle(-0.57, -0.2, -0.40, 0), Tyre),
            new(Shapes.Rectangle(0.40, -0.2, 0.57, 0), Tyre),
            new(cabin, color, Surface.Paintwork),
            new([new(-0.43, -0.6), new(-0.35, -0.92), new(0.35, -0.92), new(0.43, -0.6)], Window, Surface.Glass),
            new(body, color, Surface.Paintwork),
            new(Shapes.Rectangle(-0.58, -0.24, 0.58, -0.13), color * 0.4),
            new(Shapes.Ellipse(new(-0.46, -0.46), 0.10, 0.06), lamp, Surface.Ball),
            new(Shapes.Ellipse(new(0.46, -0.46), 0.10, 0.06), lamp, Surface.Ball),
            front ? new(Shapes.Rectangle(-0.28, -0.44, 0.28, -0.30), Rgb.Grey(0.12)) : new(Shapes.Rectangle(-0.3, -0.53, 0.3, -0.51), color * 0.6),
            new(Shapes.Rectangle(-0.15, front ? -0.23 : -0.42, 0.15, front ? -0.15 : -0.32), new(0.95, 0.94, 0.85)),
        ];
        return new(SceneCategory.Car, parts);
    }

    private static IEnumerable<Part> Wheel(double x)
    {
        var center = new Vec(x, -0.21);
        yield return new(Shapes.Circle(center, 0.21), Tyre);
        yield return new(Shapes.Circle(center, 0.125), Rgb.Grey(0.68), Surface.Ball);
        yield return new(Shapes.Circle(center, 0.04, 12), Rgb.Grey(0.3));
    }

    private static Rgb Lacquer(ref SplitMix64 random) => random.NextBool(0.4)
        ? Rgb.Grey(random.NextDouble(0.15, 0.92))
        : Rgb.FromHsv(random.NextDouble(), random.NextDouble(0.55, 0.9), random.NextDouble(0.4, 0.85));
}
