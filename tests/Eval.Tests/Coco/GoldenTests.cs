using System.Text.Json;
using Serve.Eval.Reports;

namespace Serve.Eval.Tests.Coco;

/// <summary>Equality with the references, bit for bit, on every case beside this clone; keypoints to 1e-12.</summary>
public class GoldenTests
{
    private const double Tolerance = 1e-12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>One row a case; a single row that is skipped where ../shared is not there.</summary>
    public static TheoryData<string> Cases => [.. GoldenCase.Cases().DefaultIfEmpty("cases")];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Evaluation_equals_the_reference(string name)
    {
        var golden = new GoldenCase(name);
        var dataset = await golden.ReadDataset(Ct);
        var detections = await golden.ReadDetections(Ct);
        if (golden.IsRefused)
        {
            Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(dataset, detections, golden.Protocol, ct: Ct));
            return;
        }

        var evaluation = Evaluator.Evaluate(dataset, detections, golden.Protocol, threads: -1, Ct);

        foreach (var (array, values) in new[] { ("precision", evaluation.Curves.Precision), ("recall", evaluation.Curves.Recall), ("scores", evaluation.Curves.Scores) })
        {
            if (golden.Array(array) is { } expected)
                SameNumbers(golden, expected, values);
        }
        if (golden.Matches() is { } matches)
        {
            Assert.Equal(
                matches.GetProperty("evalImgs").EnumerateArray().Select(MatchRecords.Normal),
                MatchRecords.Of(evaluation.Matches, dataset, MatchRecords.NumbersOf(golden.Protocol, detections)));
            SameOverlaps(golden, [.. matches.GetProperty("ious").EnumerateArray()], [.. MatchRecords.OverlapsOf(evaluation.Matches.Input)]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Report_equals_the_reference(string name)
    {
        var golden = new GoldenCase(name);
        if (golden.IsRefused)
            return;
        var dataset = await golden.ReadDataset(Ct);
        var detections = await golden.ReadDetections(Ct);

        var report = EvaluationReport.From(Evaluator.Evaluate(dataset, detections, golden.Protocol, ct: Ct), dataset);

        using var json = JsonDocument.Parse(report.ToJson());
        SameNumbers(golden, golden.Golden.GetProperty("stats"), json.RootElement.GetProperty("stats"));
        var perCategory = json.RootElement.GetProperty("perCategory").EnumerateArray().ToArray();
        var expected = golden.Golden.GetProperty("perCategory").EnumerateArray().ToArray();
        Assert.Equal(expected.Select(c => c.GetProperty("id").GetInt64()), perCategory.Select(c => c.GetProperty("id").GetInt64()));
        foreach (var (wanted, given) in expected.Zip(perCategory))
        {
            foreach (var number in (string[])["ap", "ap50", "ap75", "ar"])
                SameNumbers(golden, wanted.GetProperty(number), given.GetProperty(number));
        }
    }

    private static void SameNumbers(GoldenCase golden, double[] expected, double[] actual)
    {
        if (golden.IsExactToTheLastBit)
        {
            Assert.True(expected.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(actual.Select(BitConverter.DoubleToInt64Bits)), "Not the same to the last bit.");
            return;
        }
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static void SameNumbers(GoldenCase golden, JsonElement expected, JsonElement actual)
    {
        Assert.Equal(expected.ValueKind, actual.ValueKind);
        if (expected.ValueKind is JsonValueKind.Array)
            SameNumbers(golden, [.. expected.EnumerateArray().Select(e => e.GetDouble())], [.. actual.EnumerateArray().Select(e => e.GetDouble())]);
        else if (expected.ValueKind is JsonValueKind.Number)
            SameNumbers(golden, [expected.GetDouble()], [actual.GetDouble()]);
    }

    private static void SameOverlaps(GoldenCase golden, JsonElement[] expected, (long Image, long Category, double[] Overlaps)[] actual)
    {
        // Where nothing is compared the reference has no overlaps, and we have zeros.
        if (expected.Length == 0)
        {
            Assert.All(actual, pair => Assert.All(pair.Overlaps, overlap => Assert.Equal(0, overlap)));
            return;
        }
        Assert.Equal(expected.Select(e => (e.GetProperty("img").GetInt64(), e.GetProperty("cat").GetInt64())), actual.Select(a => (a.Image, a.Category)));
        foreach (var (wanted, given) in expected.Zip(actual))
            SameNumbers(golden, [.. wanted.GetProperty("iou").EnumerateArray().Select(e => e.GetDouble())], given.Overlaps);
    }
}
