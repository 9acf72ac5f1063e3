using System.Text.Json;
using Serve.Eval.Reports;

namespace Serve.Eval.Tests.Coco;

/// <summary>Equality with the reference, bit for bit, on every case beside this clone.</summary>
public class GoldenTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>One row a case; a single row that is skipped where ../shared is not there.</summary>
    public static TheoryData<string> Cases => [.. GoldenCase.CocoCases().DefaultIfEmpty("cases")];

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

        SameBits(golden.Array("precision"), evaluation.Curves.Precision);
        SameBits(golden.Array("recall"), evaluation.Curves.Recall);
        SameBits(golden.Array("scores"), evaluation.Curves.Scores);
        if (golden.Matches() is { } matches)
        {
            Assert.Equal(matches.GetProperty("evalImgs").EnumerateArray().Select(MatchRecords.Normal), MatchRecords.Of(evaluation.Matches, dataset));
            Assert.Equal(matches.GetProperty("ious").EnumerateArray().Select(Overlaps), MatchRecords.OverlapsOf(evaluation.Matches.Input));
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
        SameNumbers(golden.Golden.GetProperty("stats"), json.RootElement.GetProperty("stats"));
        var perCategory = json.RootElement.GetProperty("perCategory").EnumerateArray().ToArray();
        var expected = golden.Golden.GetProperty("perCategory").EnumerateArray().ToArray();
        Assert.Equal(expected.Select(c => c.GetProperty("id").GetInt64()), perCategory.Select(c => c.GetProperty("id").GetInt64()));
        foreach (var (wanted, given) in expected.Zip(perCategory))
        {
            foreach (var number in (string[])["ap", "ap50", "ap75", "ar"])
                SameNumbers(wanted.GetProperty(number), given.GetProperty(number));
        }
    }

    private static void SameBits(double[] expected, double[] actual)
        => Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));

    // Numbers as text: the shortest that reads back to the same double, so equal text is equal bits. "1" and "1.0" are the same.
    private static void SameNumbers(JsonElement expected, JsonElement actual)
    {
        Assert.Equal(expected.ValueKind, actual.ValueKind);
        if (expected.ValueKind is JsonValueKind.Array)
            Assert.Equal(expected.EnumerateArray().Select(e => e.GetDouble()), actual.EnumerateArray().Select(e => e.GetDouble()));
        else if (expected.ValueKind is JsonValueKind.Number)
            Assert.Equal(expected.GetDouble(), actual.GetDouble());
    }

    private static (long Image, long Category, string Overlaps) Overlaps(JsonElement element) => (
        element.GetProperty("img").GetInt64(),
        element.GetProperty("cat").GetInt64(),
        string.Join(' ', element.GetProperty("iou").EnumerateArray().Select(e => BitConverter.DoubleToInt64Bits(e.GetDouble()))));
}
