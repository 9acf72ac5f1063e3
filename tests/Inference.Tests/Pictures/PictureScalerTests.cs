using CsCheck;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

public sealed class PictureScalerTests
{
    [Fact]
    public void Resize_equals_the_obvious_weighted_sum()
    {
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[1, 40], Gen.Int).Sample((w, h, toW, toH, seed) =>
        {
            var picture = TestPictures.Noise(w, h, seed);

            var resized = PictureScaler.Resize(picture, toW, toH);

            Assert.Equal((toW, toH), (resized.Width, resized.Height));
            Assert.InRange(TestPictures.Difference(Naive(picture, toW, toH), resized).Largest, 0, 1);
        }, iter: 150);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 300)]
    [InlineData(640, 3)]
    public void A_plain_picture_stays_plain(int width, int height)
    {
        var resized = PictureScaler.Resize(TestPictures.Plain(97, 61, 255, 0, 131), width, height);

        Assert.Equal(TestPictures.Plain(width, height, 255, 0, 131).Pixels, resized.Pixels);
    }

    [Fact]
    public void Halving_averages_over_an_area_that_is_centred()
    {
        // Two plain halves: the seam lies between target pixels 3 and 4 and stays symmetric, so no pixel is shifted.
        var picture = TestPictures.Make(16, 4, (x, _) => x < 8 ? ((byte)0, (byte)0, (byte)0) : ((byte)200, (byte)200, (byte)200));

        var resized = PictureScaler.Resize(picture, 8, 2);

        var row = Enumerable.Range(0, 8).Select(x => (int)resized.At(x, 0).Red).ToArray();
        Assert.Equal([0, 0, 0, 25, 175, 200, 200, 200], row);
    }

    [Fact]
    public void Mirroring_and_resizing_can_be_swapped()
    {
        var picture = TestPictures.Noise(41, 23, seed: 4);

        var mirroredFirst = PictureScaler.Resize(Mirror(picture), 29, 50);
        var mirroredLast = Mirror(PictureScaler.Resize(picture, 29, 50));

        Assert.InRange(TestPictures.Difference(mirroredFirst, mirroredLast).Largest, 0, 1);
    }

    [Fact]
    public void The_same_size_changes_nothing()
    {
        var picture = TestPictures.Noise(33, 18, seed: 6);

        Assert.Same(picture, PictureScaler.Resize(picture, 33, 18));
        Assert.Equal(picture.Pixels, PictureScaler.Resize(PictureScaler.Resize(picture, 33, 19) with { Height = 18, Pixels = picture.Pixels }, 33, 18).Pixels);
    }

    [Fact]
    public void Extreme_shrinking_gives_the_mean()
    {
        var picture = TestPictures.Noise(5000, 20, seed: 7);

        var resized = PictureScaler.Resize(picture, 1, 1);

        // The triangle is as wide as the picture twice over: nearly even weights.
        Assert.InRange(resized.Pixels[0], 122, 133);
    }

    [Fact]
    public void Known_bytes_come_out_on_every_processor()
    {
        var resized = PictureScaler.Resize(TestPictures.Make(8, 8, (x, y) => ((byte)(x * 31), (byte)(y * 29), (byte)(x * y * 5))), 3, 3);

        Assert.Equal(GoldenThreeByThree, resized.Pixels);
    }

    [Theory]
    [InlineData(ResizeFilter.Area)]
    [InlineData(ResizeFilter.Bicubic)]
    [InlineData(ResizeFilter.Bilinear)]
    public void Other_filters_equal_their_definition_in_double_precision(ResizeFilter filter)
    {
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 40], Gen.Int[1, 60], Gen.Int[1, 40], Gen.Int).Sample((w, h, toW, toH, seed) =>
        {
            // An area is that of shrinking; enlarging is held to OpenCV.
            var (width, height) = filter == ResizeFilter.Area ? (Math.Min(w, toW), Math.Min(h, toH)) : (toW, toH);
            var picture = TestPictures.Noise(w, h, seed);

            var resized = PictureScaler.Resize(picture, width, height, filter);

            var naive = Naive(picture, width, height, (source, target) => Weights(source, target, filter));
            Assert.InRange(TestPictures.Difference(naive, resized).Largest, 0, 1);
        }, iter: 100);
    }

    // Computed with unlimited integers by a separate program from the description in ScalerTaps.
    private static readonly byte[] GoldenThreeByThree = [34, 32, 6, 109, 32, 19, 183, 32, 33, 34, 102, 19, 109, 102, 61, 183, 102, 103, 34, 171, 33, 109, 171, 103, 183, 171, 174];

    private static Picture Mirror(Picture picture) => TestPictures.Make(picture.Width, picture.Height, (x, y) => picture.At(picture.Width - 1 - x, y));

    private static Picture Naive(Picture picture, int width, int height) => Naive(picture, width, height, Weights);

    private static Picture Naive(Picture picture, int width, int height, Func<int, int, double[,]> weights)
    {
        var columns = weights(picture.Width, width);
        var rows = weights(picture.Height, height);
        return TestPictures.Make(width, height, (x, y) =>
        {
            var (red, green, blue) = (0.0, 0.0, 0.0);
            for (var v = 0; v < picture.Height; v++)
            {
                for (var u = 0; u < picture.Width; u++)
                {
                    var weight = columns[x, u] * rows[y, v];
                    var colour = picture.At(u, v);
                    (red, green, blue) = (red + weight * colour.Red, green + weight * colour.Green, blue + weight * colour.Blue);
                }
            }

            return (ToByte(red), ToByte(green), ToByte(blue));
        });
    }

    private static double[,] Weights(int source, int target)
    {
        var ratio = (double)source / target;
        var radius = Math.Max(1, ratio);
        var weights = new double[target, source];
        for (var i = 0; i < target; i++)
        {
            var sum = 0.0;
            for (var k = 0; k < source; k++)
                sum += weights[i, k] = Math.Max(0, 1 - Math.Abs(k + 0.5 - (i + 0.5) * ratio) / radius);
            for (var k = 0; k < source; k++)
                weights[i, k] /= sum;
        }

        return weights;
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);

    /// <summary>Each target sample's share of each source sample, edges repeated.</summary>
    private static double[,] Weights(int source, int target, ResizeFilter filter)
    {
        var ratio = (double)source / target;
        var weights = new double[target, source];
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * ratio - 0.5;
            for (var k = -2; k < source + 2; k++)
            {
                weights[i, Math.Clamp(k, 0, source - 1)] += filter switch
                {
                    ResizeFilter.Area => k >= 0 && k < source ? Math.Max(0, Math.Min(k + 1, (i + 1) * ratio) - Math.Max(k, i * ratio)) / ratio : 0,
                    ResizeFilter.Bilinear => Math.Max(0, 1 - Math.Abs(k - centre)),
                    _ => Keys(Math.Abs(k - centre)),
                };
            }
        }

        return weights;
    }

    /// <summary>Keys' cubic convolution with a = -0.75.</summary>
    private static double Keys(double d) => d switch
    {
        < 1 => 1.25 * d * d * d - 2.25 * d * d + 1,
        < 2 => -0.75 * d * d * d + 3.75 * d * d - 6 * d + 3,
        _ => 0,
    };
}
