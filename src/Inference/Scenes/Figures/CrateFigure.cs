using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A wooden crate, seen from a corner slightly above.</summary>
internal static class CrateFigure
{
    public static Figure Make(ref SplitMix64 random)
    {
        var wood = Rgb.FromHsv(random.NextDouble(0.06, 0.11), random.NextDouble(0.35, 0.6), random.NextDouble(0.55, 0.8));
        var (side, depth) = (random.NextDouble(0.18, 0.42), random.NextDouble(0.12, 0.24));
        var width = random.NextDouble(0.75, 1.25) / 2;
        var top = -1 + depth;
        var planks = random.NextInt(3) + 3;
        var parts = new List<Part>();

        // The side, then the top, then the front; each a parallelogram given by a corner and two edges.
        AddFace(new(width, top), new(side, -depth), new(0, -top), 0.62, cross: false);
        AddFace(new(-width, top), new(2 * width, 0), new(side, -depth), 1.12, cross: false);
        AddFace(new(-width, top), new(2 * width, 0), new(0, -top), 0.92, cross: random.NextBool(0.5));
        return new(SceneCategory.Crate, parts);

        void AddFace(Vec corner, Vec across, Vec down, double light, bool cross)
        {
            parts.Add(new(Quad(corner, across, down, 0, 0, 1, 1), wood * (light * 0.4)));
            for (var i = 0; i < planks; i++)
            {
                var shade = light * (0.94 + 0.12 * ((i * 7 + planks) % 4) / 3.0);
                parts.Add(new(Quad(corner, across, down, 0, i / (double)planks, 1, (i + 0.97) / planks), wood * shade, Surface.Wood));
            }

            const double frame = 0.11;
            var strip = wood * (light * 0.82);
            if (cross)
            {
                parts.Add(new(
                    [At(0, 1 - frame), At(1 - frame, 0), At(1, 0), At(1, frame), At(frame, 1), At(0, 1)], strip, Surface.Wood));
            }

            parts.Add(new(Quad(corner, across, down, 0, 0, 1, frame), strip, Surface.Wood));
            parts.Add(new(Quad(corner, across, down, 0, 1 - frame, 1, 1), strip, Surface.Wood));
            parts.Add(new(Quad(corner, across, down, 0, 0, frame, 1), strip, Surface.Wood));
            parts.Add(new(Quad(corner, across, down, 1 - frame, 0, 1, 1), strip, Surface.Wood));

            Vec At(double u, double v) => corner + across * u + down * v;
        }
    }

    private static Vec[] Quad(Vec corner, Vec across, Vec down, double u1, double v1, double u2, double v2)
    {
        return [At(u1, v1), At(u2, v1), At(u2, v2), At(u1, v2)];

        Vec At(double u, double v) => corner + across * u + down * v;
    }
}
