using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class PairedComparisonTests
{
    private static readonly StatisticsOptions Quick = new() { Resamples = 200, Permutations = 200 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Identical_results_do_not_differ()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);

        var comparison = PairedComparison.Run([new("a", evaluation), new("b", evaluation)], Quick, ct: Ct);

        Assert.Equal(evaluation.Summary.Select(number => number.Name), comparison.Numbers.Select(number => number.Name));
        Assert.All(comparison.Numbers, number =>
        {
            var pair = Assert.Single(number.Differences);
            Assert.Equal((0, 1, 1, false), (pair.Difference.Value!.Value, pair.PValue!.Value, pair.AdjustedPValue!.Value, pair.IsSignificant));
            Assert.Equal((0, 0), (pair.Difference.Interval!.Lower, pair.Difference.Interval.Upper));
            Assert.Equal([1, 1], number.Results.Select(result => result.Rank));
        });
    }

    [Fact]
    public void Clearly_better_result_is_significantly_better_and_ranks_first()
    {
        NamedResult[] results = [new("bad", LargerScene.Evaluate(seed: 1, quality: 0.6)), new("good", LargerScene.Evaluate(seed: 2, quality: 0.9)), new("also bad", LargerScene.Evaluate(seed: 3, quality: 0.6))];

        var ap = PairedComparison.Run(results, Quick, ["AP"], ct: Ct)["AP"];

        Assert.Equal([2, 1, 2], ap.Results.Select(result => result.Rank));
        Assert.Equal([("bad", "good"), ("bad", "also bad"), ("good", "also bad")], ap.Differences.Select(pair => (pair.First, pair.Second)));
        Assert.Equal([true, false, true], ap.Differences.Select(pair => pair.IsSignificant));
        Assert.Equal(1 / 201.0, ap.Differences[0].PValue);
        Assert.Equal(3 / 201.0, ap.Differences[0].AdjustedPValue!.Value, 1e-15);
        Assert.True(ap.Differences[0].Difference.Interval!.Upper < 0);
        Assert.True(ap.Differences[2].Difference.Interval!.Lower > 0);
    }

    [Fact]
    public void Pairs_are_compared_more_sharply_than_results_one_by_one()
    {
        // Two results that share most of their detections: what makes an image hard makes it hard for both.
        var comparison = PairedComparison.Run([new("a", LargerScene.Evaluate(seed: 1, quality: 0.8)), new("b", LargerScene.Evaluate(seed: 1, quality: 0.78))], Quick, ["AP"], ct: Ct);

        var ap = comparison["AP"];
        Assert.True(ap.Differences[0].Difference.StandardError < ap.Results[0].Estimate.StandardError);
    }

    [Fact]
    public void P_values_are_spread_evenly_where_results_differ_by_chance_only()
    {
        var pValues = Enumerable.Range(0, 60).Select(i => PairedComparison.Run(
            [new("a", LargerScene.Evaluate(seed: 1000 + (2 * i))), new("b", LargerScene.Evaluate(seed: 1001 + (2 * i)))],
            Quick with { Resamples = 1, JackknifeGroups = 2, Permutations = 100 }, ["AP"], ct: Ct)["AP"].Differences[0].PValue!.Value).Order().ToArray();

        // Kolmogorov-Smirnov distance from the even spread; 1.63 / root of n is exceeded by chance once in a hundred.
        var distance = pValues.Select((p, i) => Math.Max(Math.Abs(p - ((double)i / 60)), Math.Abs(p - ((i + 1.0) / 60)))).Max();
        Assert.InRange(distance, 0, 1.63 / Math.Sqrt(60));
    }

    [Fact]
    public void Comparison_is_the_same_for_any_number_of_threads()
    {
        NamedResult[] results = [new("a", LargerScene.Evaluate(seed: 1)), new("b", LargerScene.Evaluate(seed: 2))];
        string Of(int threads) => PairedComparison.Run(results, Quick with { Threads = threads }, ct: Ct).ToJson();

        Assert.Equal(Of(1), Of(5));
    }

    [Fact]
    public void Categories_are_a_family_of_their_own()
    {
        NamedResult[] results = [new("a", LargerScene.Evaluate(seed: 1, quality: 0.9)), new("b", LargerScene.Evaluate(seed: 2, quality: 0.6))];

        var comparison = PairedComparison.Run(results, Quick, ["AP"], [new(1, "one"), new(2, "two"), new(3, "three")], ct: Ct);

        Assert.Equal(["AP", "AP of one", "AP of two", "AP of three"], comparison.Numbers.Select(number => number.Name));
        Assert.Equal([null, 1L, 2L, 3L], comparison.Numbers.Select(number => number.CategoryId));
        Assert.Equal([1 / 201.0, 3 / 201.0], comparison.Numbers.Take(2).Select(number => Math.Round(number.Differences[0].AdjustedPValue!.Value, 15)).Select(p => Math.Round(p * 201) / 201));
    }

    [Fact]
    public void Too_few_permutations_for_the_number_of_pairs_are_told()
    {
        NamedResult[] results = [new("a", LargerScene.Evaluate(seed: 1)), new("b", LargerScene.Evaluate(seed: 2)), new("c", LargerScene.Evaluate(seed: 3))];

        var comparison = PairedComparison.Run(results, Quick with { Permutations = 50 }, ["AP"], ct: Ct);

        Assert.Equal(["With 50 permutations a single one of 3 differences cannot be significant after correction; at least 59 are needed."], comparison.Warnings);
    }

    [Fact]
    public void Comparison_in_json_reads_back_as_it_was()
    {
        var comparison = PairedComparison.Run([new("a", LargerScene.Evaluate(seed: 1)), new("b", LargerScene.Evaluate(seed: 2))], Quick, ["AP", "AR@1"], ct: Ct);

        var again = Comparison.FromJson(comparison.ToJson());

        Assert.Equal(comparison.ToJson(), again.ToJson());
        Assert.Equal(comparison["AR@1"].Differences[0], again["AR@1"].Differences[0]);
        Assert.Contains("\"method\":\"centred\"", comparison.ToJson());
        Assert.Throws<InvalidInputException>(() => Comparison.FromJson("[]"));
    }

    [Fact]
    public void Text_shows_values_intervals_ranks_and_significance()
    {
        var text = PairedComparison.Run(
            [new("bad", LargerScene.Evaluate(seed: 1, quality: 0.6)), new("good", LargerScene.Evaluate(seed: 2, quality: 0.9))], Quick, ["AP"], ct: Ct).ToText();

        Assert.StartsWith("coco-bbox: 2 results on 400 images; 95% intervals of 200 resamples, p-values of 200 permutations, seed 1", text, StringComparison.Ordinal);
        Assert.Matches(@"good +0\.\d{3}  0\.\d{3} \.\. 0\.\d{3} +1\r?\n", text);
        Assert.Matches(@"bad - good +-0\.\d{4}  -0\.\d{4} \.\. -0\.\d{4} +0\.0050    0\.0050 \*", text);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);
        string Message(IReadOnlyList<string>? metrics, params NamedResult[] results)
            => Assert.Throws<InvalidInputException>(() => PairedComparison.Run(results, Quick, metrics, ct: Ct)).Message;

        Assert.Equal("A comparison needs at least two results; there is 1.", Message(null, new NamedResult("a", evaluation)));
        Assert.Equal("Two results are called \"a\"; each needs a name of its own.", Message(null, new("a", evaluation), new("a", evaluation)));
        Assert.Equal(
            "\"a\" and \"b\" differ in the evaluated images; results can be compared on the same dataset under the same protocol and parameters.",
            Message(null, new("a", evaluation), new("b", LargerScene.Evaluate(seed: 1, weights: [.. Enumerable.Range(0, LargerScene.Images).Select(i => (byte)(i % 2))]))));
        Assert.StartsWith("coco-bbox has no number \"mAP\"; it has AP, AP50, AP75", Message(["AP", "mAP"], new("a", evaluation), new("b", evaluation)), StringComparison.Ordinal);
    }
}
