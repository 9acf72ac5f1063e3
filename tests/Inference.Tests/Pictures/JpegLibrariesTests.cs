using NetVips;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Whether libturbojpeg is there must not show in anything but the time: the same pixels, the same refusals.</summary>
public sealed class JpegLibrariesTests
{
    public JpegLibrariesTests() => Assert.SkipUnless(TurboJpeg.IsAvailable, "libturbojpeg is not installed here, so every picture goes through libvips.");

    [Theory]
    [InlineData("photos")]
    [InlineData("formats")]
    [InlineData("broken")]
    public void Every_file_gives_the_same_either_way(string folder)
    {
        var files = Directory.GetFiles(TestFiles.Shared($"images/{folder}"), "*.jpg");

        Assert.NotEmpty(files);
        Assert.All(files, file => AssertSame(File.ReadAllBytes(file)));
    }

    [Fact]
    public void Photographs_take_the_fast_way()
    {
        var files = Directory.GetFiles(TestFiles.Shared("images/photos"), "*.jpg");

        // These have profiles of other colours than sRGB, which only libvips applies.
        var slow = files.Where(file => Fast(File.ReadAllBytes(file), PictureUse.Whole) is null).Select(Path.GetFileName).Order();
        Assert.Equal(["bus.jpg", "labrador.jpg", "meeting.jpg", "two-people.jpg"], slow);
        Assert.All(files, file => Assert.NotNull(Fast(File.ReadAllBytes(file), new PictureUse(ColourManaged: false))));
    }

    [Fact]
    public void Without_colour_management_a_profile_is_left_aside()
    {
        var encoded = File.ReadAllBytes(TestFiles.Shared("images/photos/bus.jpg"));
        var bare = (byte[])encoded.Clone();
        "XXX_PROFILE"u8.CopyTo(bare.AsSpan(bare.AsSpan().IndexOf("ICC_PROFILE"u8)));
        var use = new PictureUse(ColourManaged: false);

        var expected = PictureDecoder.Decode(bare, TestPictures.Limits);

        Assert.Equal(expected.Pixels, PictureDecoder.Decode(encoded, TestPictures.Limits, use).Pixels);
        Assert.Equal(expected.Pixels, PictureDecoder.Decode(encoded, TestPictures.Limits, use, PixelMemory.New, fast: false).Pixels);
    }

    [Theory]
    [InlineData(1, 1, false, Enums.ForeignSubsample.On)]
    [InlineData(17, 9, false, Enums.ForeignSubsample.On)]
    [InlineData(17, 9, false, Enums.ForeignSubsample.Off)]
    [InlineData(40, 33, true, Enums.ForeignSubsample.On)]
    [InlineData(40, 33, true, Enums.ForeignSubsample.Off)]
    public void Made_up_pictures_give_the_same_either_way(int width, int height, bool interlace, Enums.ForeignSubsample subsample)
    {
        foreach (var bands in (int[])[1, 3, 4])
        {
            using var noise = Image.NewFromMemory(TestPictures.Noise(width * bands, height, seed: width).Pixels[..(width * height * bands)], width, height, bands, Enums.BandFormat.Uchar);
            using var image = noise.Copy(interpretation: bands switch { 1 => Enums.Interpretation.Bw, 3 => Enums.Interpretation.Srgb, _ => Enums.Interpretation.Cmyk });

            AssertSame(image.JpegsaveBuffer(q: 80, interlace: interlace, subsampleMode: subsample));
        }
    }

    [Fact]
    public void Mutated_pictures_give_the_same_either_way()
    {
        var random = new Random(11);
        using var noise = Image.NewFromMemory(TestPictures.Make(48, 40, (x, y) => ((byte)(x * 5), (byte)(y * 6), (byte)(x * y))).Pixels, 48, 40, 3, Enums.BandFormat.Uchar);
        byte[][] originals = [noise.JpegsaveBuffer(), noise.JpegsaveBuffer(interlace: true)];
        for (var i = 0; i < 1500; i++)
        {
            var mutated = (byte[])originals[i % 2].Clone();
            for (var k = 0; k < 1 + i % 3; k++)
                mutated[random.Next(2, mutated.Length)] = (byte)random.Next(256);

            AssertSame(mutated.AsSpan(0, i % 4 == 0 ? random.Next(3, mutated.Length) : mutated.Length));
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 3, 0)]
    [InlineData(3, 3, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(5, 0, 0)]
    [InlineData(6, 1, 0)]
    [InlineData(7, 1, 3)]
    [InlineData(8, 0, 3)]
    public void The_stored_corner_comes_to_lie_where_the_orientation_says(int orientation, int x, int y)
    {
        var stored = TestPictures.Make(4, 2, (x, y) => ((byte)(x + y * 4), 0, 0)).Pixels;
        var upright = new byte[stored.Length];

        ExifOrientation.Turn(stored, 4, 2, orientation, upright);

        var picture = ExifOrientation.IsSideways(orientation) ? new Picture(2, 4, upright) : new Picture(4, 2, upright);
        Assert.Equal(0, picture.At(x, y).Red);
        Assert.Equal(Enumerable.Range(0, 8).Select(value => (byte)value), upright.Chunk(3).Select(pixel => pixel[0]).Order());
    }

    private static Picture? Fast(byte[] encoded, PictureUse use) => JpegDecoder.TryDecode(encoded, TestPictures.Limits, use, PixelMemory.New);

    private static void AssertSame(ReadOnlySpan<byte> encoded)
    {
        var (slow, slowFault) = Decode(encoded, fast: false);
        var (fast, fastFault) = Decode(encoded, fast: true);

        Assert.Equal(slowFault, fastFault);
        Assert.Equal((slow?.Width, slow?.Height), (fast?.Width, fast?.Height));
        Assert.Equal(slow?.Pixels, fast?.Pixels);
    }

    private static (Picture? Picture, string? Fault) Decode(ReadOnlySpan<byte> encoded, bool fast)
    {
        try
        {
            return (PictureDecoder.Decode(encoded, TestPictures.Limits, PictureUse.Whole, PixelMemory.New, fast), null);
        }
        catch (PictureException fault)
        {
            return (null, $"{fault.Fault}: {fault.Message}");
        }
    }
}
