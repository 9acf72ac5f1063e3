using CsCheck;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Against the plainest form of what Pillow does, and against values worked out by hand.</summary>
public sealed class PillowRowsTests
{
    private static readonly Gen<(int Width, int Height, int NewWidth, int NewHeight, bool Cubic, int Seed)> Cases = Gen.Select(
        Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool, Gen.Int);

    [Fact]
    public void Every_pixel_is_that_of_two_rounded_passes() => Cases.Sample(sample =>
    {
        var (width, height, newWidth, newHeight, cubic, seed) = sample;
        var pixels = new byte[width * height * Picture.Channels];
        new Random(seed).NextBytes(pixels);
        var filter = cubic ? ResizeFilter.PillowBicubic : ResizeFilter.PillowBilinear;

        var scaled = PictureScaler.Resize(new Picture(width, height, pixels), newWidth, newHeight, filter);

        Assert.Equal(Naive(pixels, width, height, newWidth, newHeight, cubic), scaled.Pixels[..(newWidth * newHeight * Picture.Channels)]);
    }, iter: 300);

    [Theory]
    [InlineData(ResizeFilter.PillowBilinear, new byte[] { 29, 103 })]
    [InlineData(ResizeFilter.PillowBicubic, new byte[] { 22, 108 })]
    public void Weights_are_those_of_the_widened_filter(ResizeFilter filter, byte[] expected)
    {
        // Four grey pixels become two: weights 3, 3, 1 of 7 for the triangle.
        byte[] greys = [0, 60, 20, 200];

        var scaled = PictureScaler.Resize(new Picture(4, 1, [.. greys.SelectMany(grey => new[] { grey, grey, grey })]), 2, 1, filter);

        Assert.Equal(expected, new[] { scaled.Pixels[0], scaled.Pixels[3] });
    }

    private static byte[] Naive(byte[] pixels, int width, int height, int newWidth, int newHeight, bool cubic)
    {
        var narrow = new byte[newWidth * height * Picture.Channels];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < newWidth; x++)
                for (var c = 0; c < Picture.Channels; c++)
                    narrow[(y * newWidth + x) * 3 + c] = Sum(x, width, newWidth, cubic, k => pixels[(y * width + k) * 3 + c]);
        var scaled = new byte[newWidth * newHeight * Picture.Channels];
        for (var y = 0; y < newHeight; y++)
            for (var x = 0; x < newWidth; x++)
                for (var c = 0; c < Picture.Channels; c++)
                    scaled[(y * newWidth + x) * 3 + c] = Sum(y, height, newHeight, cubic, k => narrow[(k * newWidth + x) * 3 + c]);
        return scaled;
    }

    private static byte Sum(int target, int source, int targets, bool cubic, Func<int, byte> sample)
    {
        var ratio = (double)source / targets;
        var (centre, widening) = ((target + 0.5) * ratio, Math.Max(1, ratio));
        var radius = (cubic ? 2 : 1) * widening;
        var taps = Enumerable.Range(0, source).Where(k => k >= (int)Math.Max(0, centre - radius + 0.5) && k < (int)(centre + radius + 0.5)).ToArray();
        var weights = taps.Select(k => Weight(Math.Abs(k + 0.5 - centre) / widening, cubic)).ToArray();
        var sum = taps.Zip(weights, (k, weight) => sample(k) * (long)Math.Round(weight / weights.Sum() * (1 << 22), MidpointRounding.AwayFromZero)).Sum();
        return (byte)Math.Clamp((sum + (1 << 21)) >> 22, 0, 255);
    }

    private static double Weight(double x, bool cubic) => !cubic
        ? Math.Max(0, 1 - x)
        : x < 1 ? (1.5 * x * x * x) - (2.5 * x * x) + 1 : x < 2 ? (-0.5 * x * x * x) + (2.5 * x * x) - (4 * x) + 2 : 0;
}
