using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A five-pointed star with faceted arms, as of folded metal.</summary>
internal static class StarFigure
{
    public static Figure Make(ref SplitMix64 random)
    {
        var color = random.NextBool(0.6)
            ? new Rgb(0.98, 0.78, 0.18)
            : Rgb.FromHsv(random.NextDouble(), random.NextDouble(0.5, 0.85), 0.92);
        var center = new Vec(0, -0.5);
        var turn = random.NextDouble(-0.4, 0.4) - Math.PI / 2;
        var inner = random.NextDouble(0.2, 0.26);
        var corners = Enumerable.Range(0, 10).Select(i => center + Vec.At(turn + i * Math.PI / 5) * (i % 2 == 0 ? 0.5 : inner)).ToArray();

        // One side of each arm faces the light.
        return new(SceneCategory.Star, [.. corners.Select((corner, i) =>
            new Part([center, corner, corners[(i + 1) % 10]], color * (i % 2 == 0 ? 1.0 : 0.72), Surface.Flat, corners))]);
    }
}
