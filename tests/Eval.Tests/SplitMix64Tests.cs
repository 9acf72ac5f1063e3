namespace Serve.Eval.Tests;

public class SplitMix64Tests
{
    [Fact]
    public void The_same_key_gives_the_same_numbers_in_every_version()
    {
        var random = new SplitMix64(1, 2, 3);

        // A run is resumed, and a dataset drawn again, by later versions of this program: these must never change.
        Assert.Equal([4741587890430259468UL, 8969923207898724760UL], [random.NextBits(), random.NextBits()]);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(-1, 0, 0)]
    public void Another_key_gives_other_numbers(long seed, long epoch, long index)
    {
        var zero = new SplitMix64(0, 0, 0);
        var other = new SplitMix64(seed, epoch, index);

        Assert.NotEqual(zero.NextBits(), other.NextBits());
    }

    [Fact]
    public void Numbers_of_neighbouring_keys_are_uniform_and_unrelated()
    {
        double[] first = [.. Enumerable.Range(0, 20_000).Select(i => new SplitMix64(7, 0, i).NextDouble())];

        double mean = first.Average(), variance = first.Average(v => (v - mean) * (v - mean));
        var covariance = first.Zip(first.Skip(1), (a, b) => (a - mean) * (b - mean)).Average();
        Assert.Equal(0.5, mean, 0.01);
        Assert.Equal(1 / 12.0, variance, 0.002);
        Assert.Equal(0, covariance, 0.002);
        Assert.All(first, v => Assert.InRange(v, 0, 1 - 1e-16));
    }

    [Fact]
    public void NextInt_reaches_every_value_and_no_other()
    {
        var random = new SplitMix64(5);
        var counts = new int[6];

        for (var i = 0; i < 60_000; i++) counts[random.NextInt(6)]++;

        Assert.All(counts, c => Assert.InRange(c, 9_500, 10_500));
    }

    [Fact]
    public void Shuffle_puts_each_value_at_each_place_equally_often()
    {
        var random = new SplitMix64(5);
        var places = new int[4, 4];

        for (var i = 0; i < 40_000; i++)
        {
            int[] values = [0, 1, 2, 3];
            random.Shuffle(values.AsSpan());
            for (var place = 0; place < 4; place++) places[values[place], place]++;
        }

        Assert.All(places.Cast<int>(), c => Assert.InRange(c, 9_600, 10_400));
    }
}
