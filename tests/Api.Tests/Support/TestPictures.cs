using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Support;

/// <summary>Small pictures, encoded.</summary>
internal static class TestPictures
{
    /// <summary>A PNG with a light rectangle whose place and size follow from the seed.</summary>
    public static byte[] Png(int seed = 0, int width = 64, int height = 48) => PictureEncoder.Encode(Draw(seed, width, height), "image/png");

    /// <summary>The same as a JPEG.</summary>
    public static byte[] Jpeg(int seed = 0, int width = 64, int height = 48) => PictureEncoder.Encode(Draw(seed, width, height), "image/jpeg", quality: 95);

    /// <summary>The light rectangle of a seed: left, top, width and height in pixels.</summary>
    public static (int X, int Y, int Width, int Height) Rectangle(int seed, int width, int height)
        => (seed * 7 % (width / 2), seed * 5 % (height / 2), (width / 4) + (seed % 5), (height / 4) + (seed % 3));

    private static Picture Draw(int seed, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        var (x, y, w, h) = Rectangle(seed, width, height);
        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
            {
                var inside = column >= x && column < x + w && row >= y && row < y + h;
                var value = (byte)(inside ? 230 : 20 + (column * 3 % 40));
                pixels.AsSpan(((row * width) + column) * 3, 3).Fill(value);
            }
        return new Picture(width, height, pixels);
    }
}
