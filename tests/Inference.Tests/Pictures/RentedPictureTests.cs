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

    [Fact]
    public void Memory_is_used_again()
    {
        var pool = new PixelPool(mostArrays: 2, mostBytes: 1 << 20);
        var first = pool.Rent(1000);
        pool.Return(first);

        var second = pool.Rent(900);

        Assert.Same(first, second);
        Assert.Equal(0, pool.KeptBytes);
    }

    [Fact]
    public void The_smallest_that_is_large_enough_is_taken()
    {
        var pool = new PixelPool(mostArrays: 2, mostBytes: 8 << 20);
        var (large, small) = (pool.Rent(4 << 20), pool.Rent(1 << 20));
        pool.Return(large);
        pool.Return(small);

        Assert.Same(small, pool.Rent(1 << 18));
        Assert.Same(large, pool.Rent(1 << 18));
    }

    [Fact]
    public void No_more_is_kept_than_allowed_and_the_largest_stay()
    {
        var pool = new PixelPool(mostArrays: 2, mostBytes: 1 << 20);
        byte[][] arrays = [.. Enumerable.Range(0, 3).Select(_ => pool.Rent(100_000))];

        foreach (var array in arrays)
            pool.Return(array);
        pool.Return(new byte[2 << 20]);

        Assert.InRange(pool.KeptBytes, 0, 1 << 20);

        var few = new PixelPool(mostArrays: 2, mostBytes: 8 << 20);
        foreach (var length in (int[])[3 << 20, 1 << 20, 2 << 20])
            few.Return(new byte[length]);
        Assert.Equal(5 << 20, few.KeptBytes);
    }
}
