using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Pictures made up for tests.</summary>
internal static class TestPictures
{
    public static PictureLimits Limits { get; } = new();

    /// <summary>One colour all over.</summary>
    public static Picture Plain(int width, int height, byte red, byte green, byte blue)
        => Make(width, height, (_, _) => (red, green, blue));

    /// <summary>Random bytes.</summary>
    public static Picture Noise(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new Picture(width, height, pixels);
    }

    /// <summary>A colour for each pixel.</summary>
    public static Picture Make(int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> colour)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                (pixels[(y * width + x) * 3], pixels[(y * width + x) * 3 + 1], pixels[(y * width + x) * 3 + 2]) = colour(x, y);
        }

        return new Picture(width, height, pixels);
    }

    /// <summary>The colour of one pixel.</summary>
    public static (byte Red, byte Green, byte Blue) At(this Picture picture, int x, int y)
    {
        var at = (y * picture.Width + x) * 3;
        return (picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]);
    }

    /// <summary>Mean and largest absolute difference per sample.</summary>
    public static (double Mean, int Largest) Difference(Picture a, Picture b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        var differences = a.Pixels.Zip(b.Pixels, (x, y) => Math.Abs(x - y)).ToArray();
        return (differences.Average(), differences.Max());
    }
}
