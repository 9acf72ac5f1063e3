using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class BootstrapIntervalsTests
{
    // Spatial test A of 26 children: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, table 14.1.
    private static readonly double[] SpatialTest = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

    [Fact]
    public void Intervals_of_a_variance_are_those_of_the_textbook()
    {
        var resampled = Resampled(SpatialTest, Variance, 20_000, seed: 1);
        var deleted = LeftOut(SpatialTest, Variance);

        var percentile = BootstrapIntervals.Percentile(resampled, 0.90);
        var bca = BootstrapIntervals.Bca(Variance(SpatialTest), resampled, deleted, 0.90)!;

        // Table 14.2: percentile (100.8, 233.9), BCa (115.8, 259.6), acceleration 0.061. Theirs are of 2,000 resamples: two standard deviations of an end are 4 and more.
        Assert.Equal(171.5, Variance(SpatialTest), 0.05);
        Assert.Equal(0.061, BootstrapIntervals.Acceleration(deleted), 0.0005);
        Assert.Equal(100.8, percentile.Lower, 5.0);
        Assert.Equal(233.9, percentile.Upper, 5.0);
        Assert.Equal(115.8, bca.Lower, 5.0);
        Assert.Equal(259.6, bca.Upper, 8.0);
    }

    [Fact]
    public void Bca_interval_of_a_mean_is_the_naive_one()
    {
        var data = Exponential(25, seed: 3);
        var resampled = Resampled(data, Mean, 999, seed: 4);

        var bca = BootstrapIntervals.Bca(Mean(data), resampled, LeftOut(data, Mean), 0.95)!;

        // Efron's formulas one after another. Of a mean, the acceleration is a sixth of the skewness over the root of n.
        var mean = Mean(data);
        var skewness = data.Average(x => Math.Pow(x - mean, 3)) / Math.Pow(Variance(data), 1.5);
        var a = skewness / (6 * Math.Sqrt(data.Length));
        var z0 = NormalDistribution.Quantile(resampled.Count(value => value < mean) / 999.0);
        double Alpha(double z) => NormalDistribution.Cumulative(z0 + ((z0 + z) / (1 - (a * (z0 + z)))));
        double Naive(double z)
        {
            var place = Alpha(z) * 1000;
            var below = (int)place;
            return resampled[below - 1] + ((place - below) * (resampled[below] - resampled[below - 1]));
        }
        Assert.Equal(a, BootstrapIntervals.Acceleration(LeftOut(data, Mean)), 1e-10);
        Assert.Equal(Naive(-1.959963984540054), bca.Lower, 1e-9);
        Assert.Equal(Naive(1.959963984540054), bca.Upper, 1e-9);
        Assert.Equal((0.95, IntervalMethod.Bca), (bca.Level, bca.Method));
    }

    [Fact]
    public void Percentile_interval_of_999_values_ends_at_the_25th_from_both_sides()
    {
        double[] values = [.. Enumerable.Range(1, 999).Select(i => (double)i)];

        var interval = BootstrapIntervals.Percentile(values, 0.95);

        Assert.Equal(25, interval.Lower, 1e-9);
        Assert.Equal(975, interval.Upper, 1e-9);
    }

    [Fact]
    public void Bca_interval_without_bias_and_skewness_is_the_percentile_interval()
    {
        double[] values = [.. Enumerable.Range(1, 999).Select(i => (double)i)];

        var interval = BootstrapIntervals.Bca(500, values, [1, 2, 3], 0.9)!;

        Assert.Equal(BootstrapIntervals.Percentile(values, 0.9).Lower, interval.Lower, 1e-9);
        Assert.Equal(BootstrapIntervals.Percentile(values, 0.9).Upper, interval.Upper, 1e-9);
    }

    [Fact]
    public void Interval_is_a_percentile_interval_where_all_resamples_lie_on_one_side()
    {
        var interval = BootstrapIntervals.Of(0.5, [0.6, 0.7, 0.8], [0.5, 0.6], 0.95, IntervalMethod.Bca).Chosen;

        Assert.Equal(new Interval(0.6, 0.8, 0.95, IntervalMethod.Percentile), interval);
    }

    [Fact]
    public void Interval_of_a_number_that_never_changes_is_the_number()
        => Assert.Equal(new Interval(0.5, 0.5, 0.95, IntervalMethod.Bca), BootstrapIntervals.Of(0.5, [0.5, 0.5, 0.5], [0.5, 0.5], 0.95, IntervalMethod.Bca).Chosen);

    [Fact]
    public void Acceleration_of_groups_is_near_that_of_single_values()
    {
        var data = Exponential(5000, seed: 5);
        var alone = BootstrapIntervals.Acceleration(LeftOut(data, Mean));
        double[] groups = [.. Enumerable.Range(0, 250).Select(group => Mean([.. data.Where((_, i) => i % 250 != group)]))];

        // Of a mean, a sixth of the skewness, about 2.2, over the root of n. That of groups has an error of 0.65 / 250 or so; of this seed it is 0.0007.
        Assert.Equal(0.00524, alone, 0.00001);
        Assert.Equal(alone, BootstrapIntervals.Acceleration(groups), 0.0015);
    }

    [Fact]
    public void Centred_interval_is_the_percentile_interval_around_the_number()
    {
        double[] values = [.. Enumerable.Range(1, 999).Select(i => (double)i)];

        var interval = BootstrapIntervals.Of(400, values, [], 0.95, IntervalMethod.Centred).Chosen;

        // The mean of the values is 500, their interval 25 to 975.
        Assert.Equal(-75, interval.Lower, 1e-9);
        Assert.Equal(875, interval.Upper, 1e-9);
        Assert.Equal(IntervalMethod.Centred, interval.Method);
    }

    [Theory]
    [InlineData(IntervalMethod.Centred)]
    [InlineData(IntervalMethod.Percentile)]
    [InlineData(IntervalMethod.Bca)]
    public void Interval_covers_the_true_mean_about_as_often_as_it_says(IntervalMethod method)
    {
        const int Experiments = 400;
        var covered = Enumerable.Range(0, Experiments).Count(experiment =>
        {
            var data = Exponential(40, seed: 100 + experiment);
            var interval = BootstrapIntervals.Of(Mean(data), Resampled(data, Mean, 500, experiment), LeftOut(data, Mean), 0.9, method).Chosen;
            return interval.Lower <= 1 && interval.Upper >= 1;
        });

        // Four standard deviations of such a count are 6 percent; small samples of a skewed distribution are covered a little less than they should be.
        Assert.InRange(covered / (double)Experiments, 0.83, 0.96);
    }

    private static double Mean(double[] data) => data.Average();

    private static double Variance(double[] data) => data.Average(x => (x - data.Average()) * (x - data.Average()));

    // The mean is 1.
    private static double[] Exponential(int count, int seed)
    {
        var random = new SplitMix64(seed);
        var data = new double[count];
        for (var i = 0; i < count; i++)
            data[i] = -Math.Log(1 - random.NextDouble());
        return data;
    }

    private static double[] Resampled(double[] data, Func<double[], double> statistic, int count, int seed)
    {
        var (random, sample, values) = (new SplitMix64(seed, 1), new double[data.Length], new double[count]);
        for (var resample = 0; resample < count; resample++)
        {
            for (var i = 0; i < sample.Length; i++)
                sample[i] = data[random.NextInt(data.Length)];
            values[resample] = statistic(sample);
        }
        Array.Sort(values);
        return values;
    }

    private static double[] LeftOut(double[] data, Func<double[], double> statistic)
        => [.. data.Select((_, i) => statistic([.. data.Where((_, j) => j != i)]))];
}
