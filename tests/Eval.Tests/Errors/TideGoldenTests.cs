using System.Text.Json;
using Serve.Eval.Errors;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

/// <summary>Equality with the published toolbox on every case beside this clone.</summary>
public class TideGoldenTests
{
    // The toolbox keeps this many detections an image, whatever the evaluation's limit.
    private static readonly ErrorOptions Options = new() { MaxDetections = 100 };

    /// <summary>One row a case; a single row that is skipped where ../shared is not there.</summary>
    public static TheoryData<string> Cases => [.. Names().DefaultIfEmpty("coco/val2014_100_bbox")];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Breakdown_equals_the_published_toolbox(string name)
    {
        var ct = TestContext.Current.CancellationToken;
        var input = new GoldenCase(name);
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Shared("golden/tide/golden.json")));
        var golden = document.RootElement.GetProperty("cases").GetProperty(name);

        var breakdown = TideBreakdown.Of(await input.ReadDataset(ct), await input.ReadDetections(ct), input.Protocol, Options, ct: ct);

        Assert.Equal(golden.GetProperty("ap").GetDouble(), breakdown.Ap!.Value, 1e-11);
        foreach (var share in breakdown.Errors)
        {
            Assert.Equal(golden.GetProperty("main").GetProperty($"{share.Error}").GetDouble(), share.Gain, 1e-11);
            Assert.Equal(golden.GetProperty("counts").GetProperty($"{share.Error}").GetInt32(), share.Count);
        }
        Assert.Equal(golden.GetProperty("special").GetProperty("FalsePos").GetDouble(), breakdown.FalsePositiveGain, 1e-11);
        Assert.Equal(golden.GetProperty("special").GetProperty("FalseNeg").GetDouble(), breakdown.FalseNegativeGain, 1e-11);
    }

    private static IEnumerable<string> Names()
    {
        var path = Path.Combine(TestFiles.Root, "..", "shared", "golden", "tide", "golden.json");
        if (!File.Exists(path))
            return [];
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return [.. document.RootElement.GetProperty("cases").EnumerateObject().Select(one => one.Name).Where(name => !name.Contains("segm", StringComparison.Ordinal))];
    }
}
