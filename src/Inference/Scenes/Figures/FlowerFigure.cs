using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A flower on its stem, turned toward the viewer.</summary>
internal static class FlowerFigure
{
    public static Figure Make(ref SplitMix64 random)
    {
        var green = Rgb.FromHsv(random.NextDouble(0.25, 0.36), random.NextDouble(0.5, 0.75), random.NextDouble(0.35, 0.6));
        var petal = random.NextBool(0.25)
            ? new Rgb(0.97, 0.96, 0.93)
            : Rgb.FromHsv((0.78 + random.NextDouble(0, 0.38)) % 1, random.NextDouble(0.5, 0.9), random.NextDouble(0.8, 0.98));
        var heart = random.NextBool(0.7) ? new Rgb(0.95, 0.72, 0.12) : new Rgb(0.35, 0.2, 0.1);
        var petals = random.NextInt(5) + 5;
        var turn = random.NextDouble(0, 2 * Math.PI);
        var size = random.NextDouble(0.22, 0.3);
        var head = new Vec(random.NextDouble(-0.06, 0.06), size - 1);
        var leaf = random.NextDouble(0.25, 0.45);

        var parts = new List<Part>
        {
            new(Shapes.Limb(new(0, 0), head, 0.022, 0.016), green, Surface.Round),
            new(Shapes.Petal(new(0.12, -leaf), 0.14, 0.045, -0.5), green * 1.1, Surface.Leaves),
            new(Shapes.Petal(new(-0.11, -leaf + 0.08), 0.13, 0.045, Math.PI + 0.6), green * 0.9, Surface.Leaves),
        };
        var width = Math.Min(0.45, 2.6 / petals) * size;
        for (var i = 0; i < petals; i++)
        {
            var angle = turn + i * 2 * Math.PI / petals;
            parts.Add(new(Shapes.Petal(head + Vec.At(angle) * (size * 0.58), size * 0.44, width, angle), petal * (i % 2 == 0 ? 1 : 0.88), Surface.Soft));
        }

        parts.Add(new(Shapes.Circle(head, size * 0.3), heart, Surface.Soft));
        return new(SceneCategory.Flower, parts);
    }
}
