using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A tree: a conifer of tiers, or a trunk with a crown of several tufts.</summary>
internal static class TreeFigure
{
    public static Figure Make(ref SplitMix64 random)
    {
        var bark = Rgb.FromHsv(random.NextDouble(0.05, 0.09), random.NextDouble(0.3, 0.5), random.NextDouble(0.28, 0.45));
        var leaf = Rgb.FromHsv(random.NextDouble(0.2, 0.38), random.NextDouble(0.45, 0.75), random.NextDouble(0.35, 0.65));
        return new(SceneCategory.Tree, random.NextBool(0.35) ? Conifer(bark, leaf * 0.8, ref random) : Broadleaf(bark, leaf, ref random));
    }

    private static List<Part> Conifer(Rgb bark, Rgb leaf, ref SplitMix64 random)
    {
        var tiers = random.NextInt(2) + 3;
        var wide = random.NextDouble(0.24, 0.34);
        var parts = new List<Part> { new(Shapes.Rectangle(-0.035, -0.25, 0.035, 0), bark, Surface.Round) };
        for (var tier = 0; tier < tiers; tier++)
        {
            var (bottom, top) = (-0.13 - 0.66 * tier / tiers, -0.13 - 0.66 * tier / tiers - 0.87 / tiers * 1.25);
            var half = wide * (1 - 0.72 * tier / tiers);
            top = tier == tiers - 1 ? -1 : top;

            // The lower edge hangs in points.
            Vec[] edge = [.. Enumerable.Range(0, 7).Select(i => new Vec(half - half * i / 3, bottom + (i % 2 == 0 ? 0.02 : -0.015)))];
            parts.Add(new([new(0, top), .. edge], leaf * (0.8 + 0.3 * tier / tiers), Surface.Leaves));
        }

        return parts;
    }

    private static List<Part> Broadleaf(Rgb bark, Rgb leaf, ref SplitMix64 random)
    {
        var crown = random.NextDouble(0.27, 0.34);
        var center = new Vec(0, crown - 1);
        var parts = new List<Part>
        {
            new([new(-0.055, 0), new(-0.032, -0.3), new(-0.03, center.Y), new(0.03, center.Y), new(0.032, -0.3), new(0.055, 0)], bark, Surface.Round),
            new(Shapes.Limb(new(0, -0.35), new(0.12, center.Y), 0.02, 0.012), bark * 0.9, Surface.Round),
        };
        var tufts = random.NextInt(3) + 5;
        var turn = random.NextDouble(0, 2 * Math.PI);
        for (var i = 0; i < tufts; i++)
        {
            var offset = Vec.At(turn + i * 2 * Math.PI / tufts) * (crown * 0.5);
            parts.Add(new(Shapes.Blob(center + offset, crown * 0.5, 0.035, ref random), leaf * random.NextDouble(0.75, 0.95), Surface.Leaves));
        }

        parts.Add(new(Shapes.Blob(center + new Vec(0, -crown * 0.1), crown * 0.62, 0.035, ref random), leaf * 1.08, Surface.Leaves));
        return parts;
    }
}
