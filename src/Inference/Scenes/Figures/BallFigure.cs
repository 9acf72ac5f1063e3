using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A ball: plain, with a stripe, of segments, or spotted.</summary>
internal static class BallFigure
{
    private const double Radius = 0.5;
    private static readonly Vec Center = new(0, -Radius);

    public static Figure Make(ref SplitMix64 random)
    {
        var first = Rgb.FromHsv(random.NextDouble(), random.NextDouble(0.6, 0.95), random.NextDouble(0.7, 0.95));
        var second = random.NextBool(0.6) ? new Rgb(0.95, 0.94, 0.9) : Rgb.FromHsv(random.NextDouble(), 0.8, 0.9);
        var ball = Shapes.Circle(Center, Radius, 64);
        var parts = new List<Part> { new(ball, first, Surface.Ball) };
        var turn = random.NextDouble(0, 2 * Math.PI);
        switch (random.NextInt(4))
        {
            case 0:
                parts.Add(Painted(Stripe(turn)));
                break;
            case 1:
                for (var i = 0; i < 3; i++) parts.Add(Painted(Segment(turn + i * 2 * Math.PI / 3)));
                break;
            case 2:
                parts.Add(Painted(Shapes.Regular(Center, 0.17, 5, turn)));
                for (var i = 0; i < 5; i++) parts.Add(Painted(Spot(turn + (i + 0.5) * 2 * Math.PI / 5)));
                break;
        }

        return new(SceneCategory.Ball, parts);

        Part Painted(Vec[] outline) => new(outline, second, Surface.Ball, ball);
    }

    // A band around the ball, seen at a slant: between two arcs that end on its rim.
    private static Vec[] Stripe(double turn)
    {
        var (along, across) = (Vec.At(turn), Vec.At(turn + Math.PI / 2));
        return [.. Arc(0.9, 0.35), .. Arc(0.9, -0.05).Reverse()];

        IEnumerable<Vec> Arc(double reach, double bulge) => Enumerable.Range(0, 17).Select(i =>
        {
            var angle = Math.PI * i / 16;
            var width = Math.Sqrt(1 - bulge * bulge * 0.5) * Radius * 0.98;
            return Center + along * (Math.Cos(angle) * width) + across * (Math.Sin(angle) * bulge * reach * Radius);
        });
    }

    // A sixth of a beach ball, from a pole that faces the viewer.
    private static Vec[] Segment(double turn)
    {
        var pole = Center + new Vec(-0.06, -0.08);
        var rim = Enumerable.Range(0, 9).Select(i => Center + Vec.At(turn + i * Math.PI / 24) * (Radius * 0.995));
        return [pole, .. rim];
    }

    // Spots near the rim are seen at a slant.
    private static Vec[] Spot(double turn) => Shapes.Petal(Center + Vec.At(turn) * (Radius * 0.76), 0.09, 0.14, turn);
}
