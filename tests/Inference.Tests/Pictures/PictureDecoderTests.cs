using Serve.Eval;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

public sealed class PictureDecoderTests
{
    [Fact]
    public void Png_gives_back_what_was_encoded()
    {
        var picture = TestPictures.Noise(37, 21, seed: 1);

        var decoded = PictureDecoder.Decode(PictureEncoder.Encode(picture, "image/png"), TestPictures.Limits);

        Assert.Equal((37, 21), (decoded.Width, decoded.Height));
        Assert.Equal(picture.Pixels, decoded.Pixels);
    }

    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/webp")]
    public void Lossy_formats_give_back_nearly_what_was_encoded(string mediaType)
    {
        var picture = TestPictures.Make(64, 48, (x, y) => ((byte)(x * 4), (byte)(y * 5), 128));

        var decoded = PictureDecoder.Decode(PictureEncoder.Encode(picture, mediaType), TestPictures.Limits);

        Assert.InRange(TestPictures.Difference(picture, decoded).Mean, 0, 3);
    }

    [Fact]
    public void More_bytes_than_allowed_are_refused()
    {
        var encoded = PictureEncoder.Encode(TestPictures.Noise(64, 64, seed: 2), "image/png");

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.Decode(encoded, new PictureLimits { MaxBytes = 1000 }));

        Assert.Equal(PictureFault.TooLarge, refused.Fault);
        Assert.Equal($"The picture has {encoded.Length} bytes; at most 1000 are allowed.", refused.Message);
    }

    [Theory]
    [InlineData(63, 10_000, "The picture declares 64x32 pixels; at most 63 a side are allowed.")]
    [InlineData(64, 2047, "The picture declares 64x32 = 2048 pixels; at most 2047 are allowed.")]
    public void More_pixels_than_allowed_are_refused(int maxDimension, long maxPixels, string message)
    {
        var encoded = PictureEncoder.Encode(TestPictures.Plain(64, 32, 1, 2, 3), "image/webp");
        var limits = new PictureLimits { MaxDimension = maxDimension, MaxPixels = maxPixels };

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.Decode(encoded, limits));

        Assert.Equal((PictureFault.TooLarge, message), (refused.Fault, refused.Message));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("none.jpg");

        var refused = Assert.Throws<InvalidInputException>(() => PictureDecoder.DecodeFile(path, TestPictures.Limits));

        Assert.Equal($"{path}: there is no such picture file.", refused.Message);
    }

    [Fact]
    public void Messages_from_memory_hold_no_path()
    {
        byte[] broken = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3];

        var refused = Assert.Throws<PictureException>(() => PictureDecoder.Decode(broken, TestPictures.Limits));

        Assert.DoesNotContain("/", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_pictures_are_decoded_or_refused()
    {
        var random = new Random(5);
        byte[][] originals =
        [
            .. PictureEncoder.MediaTypes.Select(type => PictureEncoder.Encode(TestPictures.Make(40, 30, (x, y) => ((byte)(x * 6), (byte)(y * 8), 9)), type)),
        ];
        for (var i = 0; i < 600; i++)
        {
            var mutated = (byte[])originals[i % originals.Length].Clone();
            for (var k = 0; k < 1 + i % 5; k++)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            var length = i % 3 == 0 ? random.Next(mutated.Length) : mutated.Length;

            var fault = Record.Exception(() => PictureDecoder.Decode(mutated.AsMemory(0, length), TestPictures.Limits));

            Assert.True(fault is null or PictureException, $"mutation {i}: {fault}");
        }
    }

    [Fact]
    public async Task Pictures_decode_side_by_side()
    {
        var picture = TestPictures.Noise(50, 40, seed: 3);
        var encoded = PictureEncoder.Encode(picture, "image/png");

        var decoded = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Task.Run(() => PictureDecoder.Decode(encoded, TestPictures.Limits), TestContext.Current.CancellationToken)));

        Assert.All(decoded, one => Assert.Equal(picture.Pixels, one.Pixels));
    }

    [Fact]
    public void An_unknown_media_type_is_not_encoded()
    {
        var refused = Assert.Throws<InvalidInputException>(() => PictureEncoder.Encode(TestPictures.Plain(1, 1, 0, 0, 0), "image/bmp"));

        Assert.Equal("Pictures are not written as 'image/bmp'; supported are image/jpeg, image/png, image/webp.", refused.Message);
    }
}
