namespace Serve.Inference.Scenes.Drawing;

/// <summary>Value noise: random values on a grid, smoothly joined.</summary>
internal static class Noise
{
    /// <summary>Noise with features about one unit wide, 0..1.</summary>
    public static double At(double x, double y, uint seed)
    {
        var (left, top) = (Math.Floor(x), Math.Floor(y));
        var (u, v) = (Smooth(x - left), Smooth(y - top));
        var (column, row) = ((int)left, (int)top);
        var upper = Corner(column, row, seed) * (1 - u) + Corner(column + 1, row, seed) * u;
        var lower = Corner(column, row + 1, seed) * (1 - u) + Corner(column + 1, row + 1, seed) * u;
        return upper * (1 - v) + lower * v;
    }

    /// <summary>Noise at several scales, each half as wide and half as strong as the one before, 0..1.</summary>
    public static double Fractal(double x, double y, int octaves, uint seed)
    {
        double sum = 0, weight = 0.5, total = 0;
        for (var octave = 0; octave < octaves; octave++)
        {
            sum += weight * At(x, y, seed + (uint)octave);
            total += weight;
            (x, y, weight) = (x * 2, y * 2, weight / 2);
        }

        return sum / total;
    }

    /// <summary>A random value of a pixel or another whole position, 0..1.</summary>
    public static double Corner(int x, int y, uint seed)
    {
        var hash = (uint)x * 0x85EBCA6B ^ (uint)y * 0xC2B2AE35 ^ seed * 0x27D4EB2F;
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6D;
        hash = (hash ^ (hash >> 12)) * 0x297A2D39;
        return (hash ^ (hash >> 15)) * (1.0 / uint.MaxValue);
    }

    private static double Smooth(double t) => t * t * (3 - 2 * t);
}
