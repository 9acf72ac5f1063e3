using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class PairedRanksTests
{
    private static readonly StatisticsOptions Quick = new() { Resamples = 200, Permutations = 1 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Ranks_count_the_results_whose_difference_in_a_comparison_leaves_out_zero()
    {
        NamedResult[] results =
        [
            .. Enumerable.Range(0, 8).Select(i => new NamedResult($"r{i}", LargerScene.Evaluate(seed: 1 + (i % 3), quality: 0.7 + (0.02 * (i / 2))))),
        ];
        var comparison = PairedComparison.Run(results, Quick, ["AP"], ct: Ct)["AP"];
        var expected = results.Select(result => 1 + comparison.Differences.Count(pair =>
            (pair.Second == result.Name && pair.Difference.Interval!.Lower > 0) || (pair.First == result.Name && pair.Difference.Interval!.Upper < 0)));

        var ranks = PairedRanks.Of([.. results.Select(result => Bootstrap.RunForRanks(result.Evaluation, Quick, ct: Ct).Headline!)], ct: Ct);

        Assert.Equal(expected, ranks);
        // Both happen: ranks that are shared, and ranks that are left out.
        Assert.InRange(ranks.Distinct().Count(), 2, results.Length - 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ranks_are_those_of_intervals_made_pair_by_pair(bool hasGaps)
    {
        NumberSamples[] results = [.. Enumerable.Range(0, 60).Select(i => Made(seed: i, hasGaps && i % 4 == 0))];

        var ranks = PairedRanks.Of(results, ct: Ct);

        Assert.Equal(results.Select(own => 1 + results.Count(other => Lower(other, own) > 0)), ranks);
        Assert.InRange(ranks.Distinct().Count(), 10, 59);
    }

    [Fact]
    public void Equal_results_and_results_without_resamples_share_a_rank()
    {
        var samples = new NumberSamples(0.5, 0.5, [0.4, 0.5, 0.6]);

        Assert.Equal([1, 1], PairedRanks.Of([samples, samples], ct: Ct));
        Assert.Equal([1, 1], PairedRanks.Of([new(0.5, 0.5, []), new(0.6, 0.6, [])], ct: Ct));
        Assert.Empty(PairedRanks.Of([], ct: Ct));
    }

    [Fact]
    public void Results_that_were_resampled_otherwise_are_refused()
    {
        var fault = Assert.Throws<InvalidInputException>(() => PairedRanks.Of([new(0.5, 0.5, [0.4]), new(0.5, 0.5, [0.4, 0.5])], ct: Ct));

        Assert.Equal("Results with 1, 2 resamples cannot be ranked together; they need the same.", fault.Message);
        Assert.Throws<InvalidInputException>(() => PairedRanks.Of([], level: 1, ct: Ct));
    }

    /// <summary>The lower end of the interval of a difference, as an estimate has it.</summary>
    private static double Lower(NumberSamples better, NumberSamples worse)
    {
        double[] differences = [.. better.Resampled.Zip(worse.Resampled, (first, second) => first - second)];
        return Estimate.Of(new("AP", null, null!), better.Value - worse.Value, better.Point - worse.Point, differences, [], new()).Interval!.Lower;
    }

    private static NumberSamples Made(int seed, bool hasGaps)
    {
        var random = new SplitMix64(7, seed);
        var value = random.NextDouble(0.3, 0.5);
        return new(value, value, [.. Enumerable.Range(0, 101).Select(i => hasGaps && i % 9 == 0 ? double.NaN : value + random.NextDouble(-0.05, 0.06))]);
    }
}
