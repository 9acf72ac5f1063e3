using Serve.Inference.Decoding;

namespace Serve.Inference.Families;

/// <summary>Anchors of SSD at 300 x 300, as pytorch-ssd makes them: 8732 over six maps of VGG, 3000 over those of MobileNet.</summary>
internal static class SsdAnchors
{
    private const int Side = 300;
    private const int VggLocations = 8732;
    private const int VggFirstStride = 8;

    /// <summary>Side of the smaller and the larger square, and ratios of the oblong anchors, which come in pairs (w : h and h : w).</summary>
    private sealed record Level(double Stride, double Smaller, double Larger, double[] Ratios);

    private static readonly Level[] Vgg =
    [
        new(8, 30, 60, [2]), new(16, 60, 111, [2, 3]), new(32, 111, 162, [2, 3]), new(64, 162, 213, [2, 3]), new(100, 213, 264, [2]), new(300, 264, 315, [2]),
    ];

    private static readonly Level[] MobileNet =
    [
        new(16, 60, 105, [2, 3]), new(32, 105, 150, [2, 3]), new(64, 150, 195, [2, 3]), new(100, 195, 240, [2, 3]), new(150, 240, 285, [2, 3]), new(300, 285, 330, [2, 3]),
    ];

    /// <summary>The grid with that many locations; null when none is known.</summary>
    public static GridSpec? Of(int width, int height, int locations) => (width, height, locations) switch
    {
        (Side, Side, VggLocations) => Grid(Vgg),
        (Side, Side, 3000) => Grid(MobileNet),
        _ => null,
    };

    /// <summary>True for the grid of VGG.</summary>
    public static bool IsVgg(GridSpec? grid) => grid?.Strides[0] == VggFirstStride;

    private static GridSpec Grid(Level[] levels) => new()
    {
        Strides = [.. levels.Select(level => level.Stride)],
        Anchors = [.. levels.Select(level => (IReadOnlyList<IReadOnlyList<double>>)[.. Anchors(level)])],
    };

    private static IEnumerable<IReadOnlyList<double>> Anchors(Level level)
    {
        var middle = Math.Sqrt(level.Smaller * level.Larger);
        yield return Within(level.Smaller, level.Smaller);
        yield return Within(middle, middle);
        foreach (var ratio in level.Ratios)
        {
            var root = Math.Sqrt(ratio);
            yield return Within(level.Smaller * root, level.Smaller / root);
            yield return Within(level.Smaller / root, level.Smaller * root);
        }
    }

    // No side exceeds the input's.
    private static double[] Within(double width, double height) => [Math.Min(width, Side), Math.Min(height, Side)];
}
