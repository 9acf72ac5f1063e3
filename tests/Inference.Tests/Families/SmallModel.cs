using Serve.Inference.Detection;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Families;

/// <summary>Small graphs over an input of 64 x 64 pixels, run on a grey picture of 128 x 64.</summary>
internal static class SmallModel
{
    public static List<DetectedObject> Detect(TemporaryFolder folder, string family, LinearGraph graph, string? names)
    {
        if (names is not null)
            File.WriteAllText(folder.File("labels.txt"), names.Replace(' ', '\n'));
        using var detector = new RealDetector(graph.Save(folder.Path));
        Assert.Equal(family, detector.Resolved.Family);
        return detector.Detect(TestPictures.Plain(128, 64, 100, 100, 100));
    }

    public static void Is(DetectedObject found, string category, double score, double x1, double y1, double x2, double y2)
    {
        Assert.Equal(category, found.Category.Name);
        Assert.Equal(score, found.Score, 1e-3);
        Assert.Equal([x1, y1, x2, y2], [Math.Round(found.Box.X1, 3), Math.Round(found.Box.Y1, 3), Math.Round(found.Box.X2, 3), Math.Round(found.Box.Y2, 3)]);
    }

    /// <summary>Rows of zeros, but for those that are set.</summary>
    public static float[] Dense(int rows, int channels, params (int Row, float[] Values)[] set)
    {
        var values = new float[rows * channels];
        foreach (var (row, given) in set)
            given.CopyTo(values, row * channels);
        return values;
    }

    /// <summary>A row for each cell of strides 8, 16 and 32: a box of 4 x 4 pixels in the middle of the cell, and more channels; but for those that are set.</summary>
    public static float[] Places(int channels, float[] rest, params (int Row, float[] Values)[] set)
    {
        var values = new List<float>();
        foreach (var stride in (int[])[8, 16, 32])
        {
            for (var cell = 0; cell < 64 / stride * (64 / stride); cell++)
                values.AddRange([(cell % (64 / stride) + 0.5f) * stride, (cell / (64 / stride) + 0.5f) * stride, 4, 4, .. rest]);
        }

        float[] all = [.. values];
        foreach (var (row, given) in set)
            given.CopyTo(all, row * channels);
        return all;
    }

    /// <summary>[rows, channels] as [channels, rows].</summary>
    public static float[] Turned(float[] rows, int count, int channels)
    {
        var turned = new float[rows.Length];
        for (var row = 0; row < count; row++)
        {
            for (var channel = 0; channel < channels; channel++)
                turned[channel * count + row] = rows[row * channels + channel];
        }

        return turned;
    }
}
