using Serve.Eval.Tests.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

/// <summary>Resampling sees the numbers of every range of sizes.</summary>
public class UsbResamplingTests
{
    [Fact]
    public async Task Images_without_weight_are_left_out_of_every_number()
    {
        var ct = TestContext.Current.CancellationToken;
        var (dataset, detections) = (await UsbGolden.ReadDataset("b"), await UsbGolden.ReadDetections("b"));
        var evaluation = Evaluator.Evaluate(dataset, detections, UsbProtocol.Wod, ct: ct);
        var images = evaluation.Matches.Input.ImageIds;
        int[] weights = [.. images.Select((_, i) => i % 3 == 0 ? 0 : 1)];
        var subset = Evaluator.Evaluate(
            dataset, detections, UsbProtocol.Wod with { ImageIds = [.. images.Where((_, i) => weights[i] > 0)] }, ct: ct);

        var resampled = FixedWeights.Accumulate(evaluation, new FixedWeights([.. images.Select(_ => 1)], weights));

        foreach (var (metric, number) in evaluation.Summary.Index())
        {
            Assert.Equal(number.Value ?? double.NaN, resampled[metric][0], 1e-12);
            Assert.Equal(subset[number.Name] ?? double.NaN, resampled[metric][1], 1e-12);
        }
        Assert.Contains(evaluation.Summary, number => number is { Name: "KAP", Value: > 0 });
    }
}
