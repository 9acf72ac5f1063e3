using NetVips;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Real pictures in every container; the tolerances are those measured for libvips in the folder's README.</summary>
public sealed class PictureFormatsTests
{
    [Theory]
    [InlineData("dog-progressive.jpg", 0, 0)]
    [InlineData("dog.png", 0, 0)]
    [InlineData("dog.webp", 0, 0)]
    [InlineData("dog-16bit.png", 0, 0)]
    [InlineData("dog-exif2.jpg", 0.01, 2)]
    [InlineData("dog-exif3.jpg", 0.17, 3)]
    [InlineData("dog-exif6.jpg", 0.04, 3)]
    [InlineData("dog-alpha.png", 30.5, 255)]
    [InlineData("dog-cmyk.jpg", 15.2, 60)]
    [InlineData("dog-lossy.webp", 2.39, 40)]
    [InlineData("dog.gif", 2.98, 102)]
    [InlineData("dog-palette.png", 2.98, 102)]
    [InlineData("dog-gray.png", 12.1, 145)]
    [InlineData("dog-gray16.png", 12.1, 145)]
    public void The_same_picture_has_the_same_pixels_in_every_format(string file, double mean, int largest)
    {
        var original = PictureDecoder.DecodeFile(TestFiles.Shared("images/photos/dog.jpg"), TestPictures.Limits);

        var picture = PictureDecoder.DecodeFile(TestFiles.Shared($"images/formats/{file}"), TestPictures.Limits);

        var difference = TestPictures.Difference(original, picture);
        Assert.InRange(difference.Mean, 0, mean + 0.05);
        Assert.InRange(difference.Largest, 0, largest);
    }

    [Theory]
    [InlineData("Landscape_1.jpg", 1800, 1200)]
    [InlineData("Landscape_6.jpg", 1800, 1200)]
    [InlineData("Portrait_1.jpg", 1200, 1800)]
    [InlineData("Portrait_8.jpg", 1200, 1800)]
    [InlineData("hopper.jpg", 128, 128)]
    [InlineData("hopper.png", 128, 128)]
    [InlineData("hopper.webp", 128, 128)]
    [InlineData("hopper.gif", 128, 128)]
    [InlineData("hopper.avif", 128, 128)]
    [InlineData("hopper_gray.jpg", 128, 128)]
    [InlineData("pil_sample_cmyk.jpg", 100, 100)]
    [InlineData("three-dogs-progressive.jpg", 256, 160)]
    [InlineData("icc-profile-500k.jpg", 425, 250)]
    [InlineData("transparent.png", 200, 150)]
    [InlineData("animated-42-frames.gif", 245, 245)]
    [InlineData("one-pixel.png", 1, 1)]
    [InlineData("strip-3000x4.png", 3000, 4)]
    public void A_picture_has_its_upright_size(string file, int width, int height)
    {
        var picture = PictureDecoder.DecodeFile(TestFiles.Shared($"images/formats/{file}"), TestPictures.Limits);

        Assert.Equal((width, height), (picture.Width, picture.Height));
        Assert.Equal(width * height * 3, picture.Pixels.Length);
    }

    [Theory]
    [InlineData("hopper_orientation_2.jpg")]
    [InlineData("hopper_orientation_3.jpg")]
    [InlineData("hopper_orientation_4.jpg")]
    [InlineData("hopper_orientation_5.jpg")]
    [InlineData("hopper_orientation_6.jpg")]
    [InlineData("hopper_orientation_7.jpg")]
    [InlineData("hopper_orientation_8.jpg")]
    [InlineData("hopper_orientation_6.webp")]
    [InlineData("hopper.webp")]
    [InlineData("hopper.gif")]
    [InlineData("hopper.avif")]
    [InlineData("hopper.png")]
    public void The_portrait_is_upright_in_every_container(string file)
    {
        var original = PictureDecoder.DecodeFile(TestFiles.Shared("images/formats/hopper.jpg"), TestPictures.Limits);

        var picture = PictureDecoder.DecodeFile(TestFiles.Shared($"images/formats/{file}"), TestPictures.Limits);

        Assert.InRange(TestPictures.Difference(original, picture).Mean, 0, 6);
    }

    [Fact]
    public void A_wide_gamut_profile_is_applied()
    {
        // bus.jpg is in Display P3: taken for sRGB its colours would look dull, so conversion moves saturated ones apart.
        var encoded = File.ReadAllBytes(TestFiles.Shared("images/photos/bus.jpg"));
        var profile = encoded.AsSpan().IndexOf("ICC_PROFILE"u8);
        var converted = PictureDecoder.Decode(encoded, TestPictures.Limits);
        "XXX_PROFILE"u8.CopyTo(encoded.AsSpan(profile));

        var unconverted = PictureDecoder.Decode(encoded, TestPictures.Limits);

        var difference = TestPictures.Difference(converted, unconverted);
        Assert.InRange(difference.Mean, 0.5, 20);
    }

    [Theory]
    [InlineData(Enums.BandFormat.Uchar, 1)]
    [InlineData(Enums.BandFormat.Ushort, 257)]
    public void A_tiff_is_read_with_8_and_16_bits(Enums.BandFormat format, int factor)
    {
        var picture = TestPictures.Noise(30, 20, seed: 8);
        using var image = Image.NewFromMemory(picture.Pixels, 30, 20, 3, Enums.BandFormat.Uchar);
        using var scaled = (image * factor).Cast(format);
        using var tagged = scaled.Copy(interpretation: factor == 1 ? Enums.Interpretation.Srgb : Enums.Interpretation.Rgb16);

        var decoded = PictureDecoder.Decode(tagged.TiffsaveBuffer(), TestPictures.Limits);

        Assert.Equal(picture.Pixels, decoded.Pixels);
    }

    [Fact]
    public void A_picture_with_five_channels_is_refused()
    {
        using var image = Image.NewFromMemory(new byte[10 * 10 * 5], 10, 10, 5, Enums.BandFormat.Uchar);
        using var tagged = image.Copy(interpretation: Enums.Interpretation.Multiband);

        var picture = Record.Exception(() => PictureDecoder.Decode(tagged.TiffsaveBuffer(), TestPictures.Limits));

        Assert.IsType<PictureException>(picture);
    }

    [Fact]
    public void A_bitmap_is_refused_with_the_list_of_formats()
    {
        var refused = Assert.Throws<PictureException>(
            () => PictureDecoder.DecodeFile(TestFiles.Shared("images/formats/hopper.bmp"), TestPictures.Limits));

        Assert.Equal(PictureFault.Unsupported, refused.Fault);
        Assert.EndsWith(
            "hopper.bmp: The content is BMP, which is not read. Supported are image/jpeg, image/png, image/webp, image/gif, image/avif, image/tiff.",
            refused.Message, StringComparison.Ordinal);
    }
}
