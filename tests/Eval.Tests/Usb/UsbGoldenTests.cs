using System.Globalization;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Reports;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

/// <summary>Equality with the reference on every number of ../shared/golden/usb.</summary>
public class UsbGoldenTests
{
    public static TheoryData<string> Runs => [.. UsbGolden.Runs];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Every_range_of_sizes_equals_the_reference(string run)
    {
        var expected = (await UsbGolden.ReadExpected()).GetProperty("runs").GetProperty(run);
        var evaluation = await Evaluate(run);
        var means = new CurveMeans(evaluation.Curves);
        var bands = new CurveMeans(BandCurves.Of(evaluation.Matches.Input, ScaleBand.All, evaluation.Protocol, ct: TestContext.Current.CancellationToken));

        foreach (var block in (string[])["coco_standard", "COCO", "relative_scale_ap", "absolute_scale_ap", "band_asap", "TinyPerson"])
        {
            foreach (var number in expected.GetProperty(block).EnumerateObject())
            {
                var (metric, isBand) = Read(block, number.Name);
                UsbGolden.Same(number.Value.GetDouble(), (isBand ? bands : means).Of(metric), $"{run} {block} {number.Name}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Every_category_equals_the_reference(string run)
    {
        var expected = (await UsbGolden.ReadExpected()).GetProperty("runs").GetProperty(run).GetProperty("per_category_AP_AP50_AP70");
        var report = (await Scales(run)).PerCategory;

        Assert.Equal(expected.EnumerateObject().Select(category => category.Name), report.Select(category => category.Id.ToString(CultureInfo.InvariantCulture)));
        foreach (var (wanted, given) in expected.EnumerateObject().Zip(report))
        {
            foreach (var (number, actual) in wanted.Value.EnumerateArray().Zip((double?[])[given.Ap, given.Ap50, given.Ap70]))
                UsbGolden.Same(number.GetDouble(), actual, $"{run} category {wanted.Name}");
        }
    }

    [Fact]
    public async Task Kitti_style_precision_equals_the_reference()
    {
        var expected = (await UsbGolden.ReadExpected()).GetProperty("set_b_KAP_070_050_050").GetDouble();

        UsbGolden.Same(expected, (await Evaluate("b|100"))["KAP"], "KAP");
    }

    [Fact]
    public async Task Means_over_datasets_equal_the_reference()
    {
        var expected = (await UsbGolden.ReadExpected()).GetProperty("aggregate_a100_b100_c300");
        var (coco, wod, m109s) = (await Evaluate("a|100"), await Evaluate("b|100"), await Evaluate("c|300"));
        Dictionary<UsbDataset, UsbNumbers> numbers = new()
        {
            [UsbDataset.M109s] = UsbNumbers.Of(m109s),
            [UsbDataset.Coco] = UsbNumbers.Of(coco),
            [UsbDataset.Wod] = UsbNumbers.Of(EvaluationReport.From(wod, await UsbGolden.ReadDataset("b"))),
        };

        var mean = new UsbResults(numbers).Mean!;

        foreach (var (name, number) in (ReadOnlySpan<(string, double?)>)
            [("mCAP", mean.Cap), ("mAP50", mean.Ap50), ("mAP75", mean.Ap75), ("mAP_S", mean.ApSmall), ("mAP_M", mean.ApMedium), ("mAP_L", mean.ApLarge)])
            UsbGolden.Same(expected.GetProperty(name).GetDouble(), number, name);
        numbers.Remove(UsbDataset.Wod);
        Assert.Null(new UsbResults(numbers).Mean);
    }

    private static async Task<EvaluationResult> Evaluate(string run)
    {
        var (dataset, detections, protocol) = await Read(run);
        IReadOnlyList<AreaRange> all = [.. AreaRange.Coco, .. UsbRanges.RelativeScale, .. UsbRanges.AbsoluteScale, .. UsbRanges.TinyPerson];
        return Evaluator.Evaluate(dataset, detections, protocol with { AreaRanges = all }, ct: TestContext.Current.CancellationToken);
    }

    private static async Task<UsbScaleReport> Scales(string run)
    {
        var (dataset, detections, protocol) = await Read(run);
        return UsbScales.Evaluate(dataset, detections, protocol, ScaleMeasures.None, ct: TestContext.Current.CancellationToken);
    }

    private static async Task<(Dataset, DetectionTable, UsbProtocol)> Read(string run)
    {
        var (set, limit) = (run[..1], int.Parse(run[2..], CultureInfo.InvariantCulture));
        var protocol = set switch { "a" => UsbProtocol.Coco, "b" => UsbProtocol.Wod, _ => UsbProtocol.M109s };
        return (await UsbGolden.ReadDataset(set), await UsbGolden.ReadDetections(set), protocol with { MaxDetections = [1, 10, limit] });
    }

    /// <summary>A number of the file, such as <c>AP|1/256_1/128|10</c>.</summary>
    private static (Metric Metric, bool IsBand) Read(string block, string key)
    {
        var parts = key.Split('|');
        var (name, bins) = (parts[1], parts[1].Replace('_', '-'));
        var isCoco = name is "all" or "small" or "medium" or "large";
        var range = block switch
        {
            "relative_scale_ap" => name == "all" ? "RSAP" : $"RSAP({bins})".Replace("-1/1)", "-1)", StringComparison.Ordinal),
            "absolute_scale_ap" => isCoco ? name : $"ASAP({bins})",
            "band_asap" => isCoco ? name : $"BandASAP({bins})",
            "TinyPerson" => name == "all" ? "TinyPerson" : $"TinyPerson({name})",
            _ => name,
        };
        var metric = new Metric(key, parts[0] == "AR" ? Measure.Recall : Measure.Precision)
        {
            IouThreshold = parts[0] switch { "AP50" => 0.5, "AP75" => 0.75, _ => null },
            AreaRange = range,
            MaxDetections = int.Parse(parts[2], CultureInfo.InvariantCulture),
        };
        return (metric, block == "band_asap" && !isCoco);
    }
}
