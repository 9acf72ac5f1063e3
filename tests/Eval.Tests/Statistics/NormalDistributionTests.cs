using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class NormalDistributionTests
{
    // Tables of the normal distribution, 15 digits.
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.841344746068543)]
    [InlineData(-1.959963984540054, 0.025)]
    [InlineData(3, 0.998650101968370)]
    [InlineData(-6, 9.86587645037698e-10)]
    [InlineData(-8, 6.22096057427178e-16)]
    [InlineData(40, 1)]
    [InlineData(-40, 0)]
    public void Cumulative_probability_is_that_of_the_tables(double x, double probability)
        => Assert.Equal(probability, NormalDistribution.Cumulative(x), 1e-14);

    [Fact]
    public void Quantile_is_the_inverse()
    {
        foreach (var p in (double[])[1e-12, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999])
            Assert.Equal(p, NormalDistribution.Cumulative(NormalDistribution.Quantile(p)), 1e-14);

        Assert.Equal(1.959963984540054, NormalDistribution.Quantile(0.975), 1e-12);
        Assert.Equal(double.NegativeInfinity, NormalDistribution.Quantile(0));
        Assert.Equal(double.PositiveInfinity, NormalDistribution.Quantile(1));
    }
}
