using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Metrics;

public class PairwiseSumTests
{
    [Fact]
    public void Mean_of_nothing_is_null()
    {
        Assert.Null(PairwiseSum.Mean([]));
        Assert.Equal(0, PairwiseSum.Sum([]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(1000)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(100_003)]
    public void Sum_adds_every_value_once(int count)
    {
        var values = Enumerable.Range(1, count).Select(i => (double)i).ToArray();

        Assert.Equal(count * (count + 1.0) / 2, PairwiseSum.Sum(values));
    }

    [Fact]
    public void Sum_is_closer_than_a_running_sum()
    {
        var values = Enumerable.Repeat(0.1, 70_000).ToArray();
        var running = values.Aggregate((a, b) => a + b);

        Assert.True(Math.Abs(PairwiseSum.Sum(values) - 7000) < 1e-11);
        Assert.True(Math.Abs(running - 7000) > 1e-9);
    }
}
