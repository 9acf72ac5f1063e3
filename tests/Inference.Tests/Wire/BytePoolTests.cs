using Serve.Inference.Wire;

namespace Serve.Inference.Tests.Wire;

public class BytePoolTests
{
    [Fact]
    public void Memory_is_used_again()
    {
        var pool = new BytePool(granule: 1 << 20, mostArrays: 2, mostBytes: 1 << 20);
        var first = pool.Rent(1000);
        pool.Return(first);

        var second = pool.Rent(900);

        Assert.Same(first, second);
        Assert.Equal(0, pool.KeptBytes);
    }

    [Fact]
    public void The_smallest_that_is_large_enough_is_taken()
    {
        var pool = new BytePool(granule: 1 << 20, mostArrays: 2, mostBytes: 8 << 20);
        var (large, small) = (pool.Rent(4 << 20), pool.Rent(1 << 20));
        pool.Return(large);
        pool.Return(small);

        Assert.Same(small, pool.Rent(1 << 18));
        Assert.Same(large, pool.Rent(1 << 18));
    }

    [Fact]
    public void No_more_is_kept_than_allowed_and_the_largest_stay()
    {
        var pool = new BytePool(granule: 1 << 20, mostArrays: 2, mostBytes: 1 << 20);
        byte[][] arrays = [.. Enumerable.Range(0, 3).Select(_ => pool.Rent(100_000))];

        foreach (var array in arrays)
            pool.Return(array);
        pool.Return(new byte[2 << 20]);

        Assert.InRange(pool.KeptBytes, 0, 1 << 20);

        var few = new BytePool(granule: 1 << 20, mostArrays: 2, mostBytes: 8 << 20);
        foreach (var length in (int[])[3 << 20, 1 << 20, 2 << 20])
            few.Return(new byte[length]);
        Assert.Equal(5 << 20, few.KeptBytes);
    }

    [Fact]
    public void An_array_serves_the_next_body_that_fits_into_it()
    {
        var arrays = new BytePool(granule: 1 << 14, mostArrays: 4, mostBytes: 1 << 20);
        var first = arrays.Rent(100_000);
        arrays.Return(first);

        Assert.Same(first, arrays.Rent(60_000));
        Assert.Equal(0, arrays.KeptBytes);
    }

    [Fact]
    public void Of_arrays_of_any_order_the_smallest_that_is_large_enough_is_taken()
    {
        var arrays = new BytePool(granule: 1 << 14, mostArrays: 4, mostBytes: 1 << 20);
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
    public void The_smallest_makes_way_and_what_is_too_large_is_not_kept()
    {
        var arrays = new BytePool(granule: 1 << 14, mostArrays: 2, mostBytes: 100_000);
        foreach (var length in (int[])[30_000, 18_000, 20_000, 200_000])
            arrays.Return(new byte[length]);

        Assert.Equal(50_000, arrays.KeptBytes);
    }
}
