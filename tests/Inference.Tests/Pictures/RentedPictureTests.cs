using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Pictures;

public sealed class RentedPictureTests
{
    [Theory]
    [InlineData("image/jpeg")]
    [InlineData("image/png")]
    public void A_rented_picture_has_the_pixels_of_a_kept_one(string mediaType)
    {
        var encoded = PictureEncoder.Encode(TestPictures.Noise(45, 31, seed: 3), mediaType);
        var kept = PictureDecoder.Decode(encoded, TestPictures.Limits);

        for (var i = 0; i < 3; i++)
        {
            using var rented = PictureDecoder.Rent(encoded, TestPictures.Limits, PictureUse.Whole);

            Assert.Equal((45, 31), (rented.Picture.Width, rented.Picture.Height));
            Assert.Equal(kept.Pixels, rented.Picture.Bytes);
        }
    }

    [Fact]
    public void A_picture_that_was_given_back_cannot_be_read()
    {
        var rented = PictureDecoder.Rent(PictureEncoder.Encode(TestPictures.Plain(4, 4, 1, 2, 3), "image/png"), TestPictures.Limits, PictureUse.Whole);

        rented.Dispose();
        rented.Dispose();

        Assert.Throws<ObjectDisposedException>(() => rented.Picture);
    }
}
