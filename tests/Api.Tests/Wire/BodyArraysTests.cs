using Serve.Api.Wire;

namespace Serve.Api.Tests.Wire;

public class BodyArraysTests
{
    [Fact]
    public void An_array_serves_the_next_body_that_fits_into_it()
    {
        var arrays = new BodyArrays(mostArrays: 4, mostBytes: 1 << 20);
        var first = arrays.Rent(100_000);
        arrays.Return(first);

        Assert.Same(first, arrays.Rent(60_000));
        Assert.Equal(0, arrays.KeptBytes);
    }

    [Fact]
    public void The_smallest_that_is_large_enough_is_taken()
    {
        var arrays = new BodyArrays(mostArrays: 4, mostBytes: 1 << 20);
        var (small, large, middle) = (arrays.Rent(30_000), arrays.Rent(300_000), arrays.Rent(100_000));
        arrays.Return(middle);
        arrays.Return(large);
        arrays.Return(small);

        Assert.Same(middle, arrays.Rent(50_000));
        Assert.Same(large, arrays.Rent(50_000));
        Assert.Same(small, arrays.Rent(20_000));
        Assert.InRange(arrays.Rent(50_000).Length, 50_000, 50_000 + (1 << 14));
    }

    [Fact]
    public void No_more_is_kept_than_allowed_and_the_largest_stay()
    {
        var arrays = new BodyArrays(mostArrays: 2, mostBytes: 100_000);
        foreach (var length in (int[])[30_000, 18_000, 20_000, 200_000])
            arrays.Return(new byte[length]);

        Assert.Equal(50_000, arrays.KeptBytes);
    }
}
