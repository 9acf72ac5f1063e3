using Serve.Eval.Datasets;
using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class NumberSamplesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Samples_of_the_headline_have_the_interval_of_the_report()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);

        var (result, headline) = Bootstrap.RunForRanks(evaluation, new() { Resamples = 100 }, ct: Ct);

        Assert.Equal(evaluation["AP"], headline!.Value);
        Assert.Equal(result["AP"].Interval, headline.Interval(0.95));
        Assert.Equal(Bootstrap.Run(evaluation, new() { Resamples = 100 }, ct: Ct).Estimates, result.Estimates);
    }

    [Fact]
    public void Samples_come_back_from_bytes_to_the_last_bit()
    {
        var samples = new NumberSamples(1 / 3.0, Math.BitIncrement(1 / 3.0), [0.1, double.NaN, -0.0, 1]);

        var read = NumberSamples.FromBytes(samples.ToBytes());

        Assert.Equal((samples.Value, samples.Point), (read.Value, read.Point));
        Assert.Equal(samples.Resampled.Select(BitConverter.DoubleToInt64Bits), read.Resampled.Select(BitConverter.DoubleToInt64Bits));
        Assert.Throws<InvalidInputException>(() => NumberSamples.FromBytes(new byte[15]));
    }

    [Fact]
    public void Mean_over_datasets_takes_the_resamples_of_each_from_another_place_on()
    {
        var mean = NumberSamples.Mean([new(0.2, 0.2, [0.1, 0.2, 0.3]), new(0.6, 0.6, [0.5, 0.6, 0.7])]);

        Assert.Equal((0.4, 0.4), (mean.Value, mean.Point));
        Assert.Equal([0.35, 0.45, 0.4], mean.Resampled.Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void A_mean_over_two_datasets_of_equal_spread_has_the_spread_of_independent_ones()
    {
        // The same images under another name: were they resampled together, the spread would be that of one.
        var headline = Bootstrap.RunForRanks(LargerScene.Evaluate(seed: 1), ct: Ct).Headline!;

        Assert.Equal(Spread(headline) / Math.Sqrt(2), Spread(NumberSamples.Mean([headline, headline])), Spread(headline) * 0.1);
    }

    [Fact]
    public void Every_protocol_ranks_by_the_first_number_of_its_summary()
    {
        var dataset = new Dataset([new(1, "1.png", 10, 10)], [new(1, "one") { Frequency = "f" }], [], "");
        foreach (var protocol in ProtocolCatalogue.All.Where(protocol => !protocol.Parts.HasFlag(AnnotationParts.Keypoints)))
        {
            var detections = new DetectionTable { Segmentations = protocol.Parts.HasFlag(AnnotationParts.Segmentations) ? new() : null };
            var evaluation = Evaluator.Evaluate(dataset, detections, protocol, ct: Ct);

            Assert.Equal(evaluation.Summary[0].Name, protocol.HeadlineNumber);
        }
    }

    private static double Spread(NumberSamples samples)
    {
        var mean = samples.Resampled.Average();
        return Math.Sqrt(samples.Resampled.Average(value => (value - mean) * (value - mean)));
    }
}
