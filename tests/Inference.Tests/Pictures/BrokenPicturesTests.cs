using System.Diagnostics;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

/// <summary>Damaged and hostile files: refused with a cause, or answered where the whole picture is there.</summary>
public sealed class BrokenPicturesTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("empty.jpg", PictureFault.Broken, "empty (0 bytes)")]
    [InlineData("text.jpg", PictureFault.Unsupported, "not a picture in a known format")]
    [InlineData("header-only.jpg", PictureFault.Broken, "premature end of JPEG image")]
    [InlineData("truncated-half.jpg", PictureFault.Broken, "premature end of data segment")]
    [InlineData("flipped-bytes.jpg", PictureFault.Broken, "Corrupt JPEG data")]
    [InlineData("bad-crc.png", PictureFault.Broken, "libpng read error")]
    [InlineData("truncated.png", PictureFault.Broken, "libpng read error")]
    [InlineData("zero-size.png", PictureFault.Broken, "its content cannot be read")]
    [InlineData("claims-60000x60000.png", PictureFault.TooLarge, "60000x60000")]
    [InlineData("pil-broken.png", PictureFault.Broken, "its content cannot be read")]
    [InlineData("pil-zero_width.gif", PictureFault.Broken, "Unexpected end of GIF source data")]
    [InlineData("pil-broken_data_stream.png", PictureFault.Broken, "libpng read error")]
    [InlineData("pil-truncated_image.png", PictureFault.Broken, "libpng read error")]
    [InlineData("pil-truncated_jpeg.jpg", PictureFault.Broken, "premature end of JPEG image")]
    [InlineData("pil-decompression_bomb.gif", PictureFault.Broken, "Unexpected end of GIF source data")]
    public void A_broken_picture_is_refused_with_its_cause(string file, PictureFault fault, string cause)
    {
        var path = TestFiles.Shared($"images/broken/{file}");
        var watch = Stopwatch.StartNew();

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.DecodeFile(path, TestPictures.Limits));

        Assert.Equal(fault, refused.Fault);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, LongEnough);
    }

    [Theory]
    [InlineData("png-inside.jpg", 128, 128)]
    [InlineData("pil-decompression_bomb_extents.gif", 100, 100)]
    [InlineData("pil-png_decompression_dos.png", 1, 1)]
    [InlineData("pil-no_palette.gif", 1, 1)]
    [InlineData("pil-truncated_app14.jpg", 100, 100)]
    [InlineData("pil-junk_jpeg_header.jpg", 1024, 768)]
    [InlineData("pil-hopper_idat_after_image_end.png", 128, 128)]
    public void An_odd_picture_is_decoded_when_all_of_it_is_there(string file, int width, int height)
    {
        var path = TestFiles.Shared($"images/broken/{file}");
        var watch = Stopwatch.StartNew();

        var picture = PictureDecoder.DecodeFile(path, TestPictures.Limits);

        Assert.Equal((width, height), (picture.Width, picture.Height));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, LongEnough);
    }

    [Theory]
    [InlineData("truncated-no-eoi.jpg")]
    [InlineData("trailing-garbage.jpg")]
    public void Only_the_end_being_odd_costs_no_pixel(string file)
    {
        var original = PictureDecoder.DecodeFile(TestFiles.Shared("images/photos/dog.jpg"), TestPictures.Limits);

        var picture = PictureDecoder.DecodeFile(TestFiles.Shared($"images/broken/{file}"), TestPictures.Limits);

        Assert.Equal(original.Pixels, picture.Pixels);
    }

    [Fact]
    public void Every_file_of_the_folder_has_a_verdict_here()
    {
        var verdicts = typeof(BrokenPicturesTests).GetMethods()
            .SelectMany(method => method.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>())
            .Select(data => (string)data.Data[0]!);

        var files = Directory.GetFiles(TestFiles.Shared("images/broken")).Select(Path.GetFileName);

        Assert.Equal(files.Order(), verdicts.Order());
    }

    [Fact]
    public void A_picture_that_was_closed_in_the_middle_is_refused()
    {
        var encoded = File.ReadAllBytes(TestFiles.Shared("images/photos/person.jpg"));
        byte[] cut = [.. encoded.AsSpan(0, encoded.Length / 2), 0xFF, 0xD9];

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.Decode(cut, TestPictures.Limits));

        Assert.Equal(PictureFault.Broken, refused.Fault);
    }

    [Fact]
    public async Task Causes_do_not_mix_when_broken_and_sound_pictures_are_decoded_side_by_side()
    {
        var sound = PictureEncoder.Encode(TestPictures.Noise(200, 150, seed: 1), "image/jpeg");
        var shortJpeg = sound[..(sound.Length / 2)];
        var png = PictureEncoder.Encode(TestPictures.Noise(200, 150, seed: 1), "image/png");
        var shortPng = png[..(png.Length / 2)];

        var causes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Task.Run(
            () => Record.Exception(() => PictureDecoder.Decode((i % 3) switch { 0 => sound, 1 => shortJpeg, _ => shortPng }, TestPictures.Limits))?.Message,
            TestContext.Current.CancellationToken)));

        string?[] expected =
        [
            null,
            "The JPEG picture is damaged or incomplete: Corrupt JPEG data: premature end of data segment.",
            "The PNG picture is damaged or incomplete: libpng read error.",
        ];
        Assert.Equal(Enumerable.Range(0, 300).Select(i => expected[i % 3]), causes);
    }
}
