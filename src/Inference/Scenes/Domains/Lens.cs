using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>What a camera adds to a scene: a soft lens, darker corners, a noisy sensor.</summary>
internal static class Lens
{
    /// <summary>Finishes a photo in place.</summary>
    public static void Apply(Canvas canvas, ref SplitMix64 random)
    {
        canvas.Soften(random.NextDouble(0.2, 1));
        var (exposure, corners, noise) = (random.NextDouble(0.92, 1.08), random.NextDouble(0, 0.22), random.NextDouble(0.004, 0.022));
        var seed = (uint)random.NextInt(int.MaxValue);
        var (width, height) = (canvas.Area.Width, canvas.Area.Height);
        canvas.Transform((x, y, color) =>
        {
            var (dx, dy) = (2.0 * x / width - 1, 2.0 * y / height - 1);
            var grain = noise * (Noise.Corner(x, y, seed) + Noise.Corner(x, y, seed + 1) - 1);
            return color * (exposure * (1 - corners * (dx * dx + dy * dy) / 2)) + Rgb.Grey(grain);
        });
    }
}
