namespace Serve.Inference.Scenes.Drawing;

/// <summary>The mean over a square around each value, separably; beyond the edges counts as 0.</summary>
internal static class BoxBlur
{
    /// <summary>Blurs a plane in place.</summary>
    public static void Apply(float[] values, int width, int height, int radius)
    {
        var line = new float[Math.Max(width, height)];
        for (var y = 0; y < height; y++) Line(values, y * width, 1, width, radius, line);
        for (var x = 0; x < width; x++) Line(values, x, width, height, radius, line);
    }

    private static void Line(float[] values, int start, int step, int count, int radius, float[] line)
    {
        // In double: adding and later subtracting the same floats must leave nothing behind.
        double sum = 0;
        for (var i = 0; i < Math.Min(radius, count); i++) sum += values[start + i * step];
        for (var i = 0; i < count; i++)
        {
            if (i + radius < count) sum += values[start + (i + radius) * step];
            line[i] = (float)(sum / (2 * radius + 1));
            if (i - radius >= 0) sum -= values[start + (i - radius) * step];
        }

        for (var i = 0; i < count; i++) values[start + i * step] = line[i];
    }
}
