using System.Text.Json;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

public class UsbScalesTests
{
    [Fact]
    public void Every_measure_has_all_its_ranges_and_none_more_than_once()
    {
        var report = Evaluate(ScaleMeasures.All);

        Assert.Equal(
            [("COCO", "area", 4), ("RSAP", "relativeScale", 10), ("ASAP", "scale", 9), ("ASAP, linear", "scale", 33), ("TinyPerson", "scale", 7), ("BandASAP", "scale", 9)],
            report.Measures.Select(measure => (measure.Name, measure.Unit, measure.Bins.Count)));
        // 40 pixels wide and high: in ASAP(32-64) of both the octaves and the even steps.
        Assert.Equal(
            ["all", "medium", "RSAP", "RSAP(1/4-1/2)", "ASAP(32-64)", "ASAP(32-64)", "TinyPerson", "TinyPerson(reasonable)", "BandASAP(16-32-64)", "BandASAP(32-64-128)"],
            report.Measures.SelectMany(measure => measure.Bins).Where(bin => bin.Ap is not null).Select(bin => bin.Name));
        Assert.Equal((1, 100, 1), (report.Images, report.MaxDetections, report.Measures[0].Bins[0].Ar));
    }

    [Fact]
    public void Only_what_is_asked_for_is_evaluated()
        => Assert.Equal(["COCO", "TinyPerson"], Evaluate(ScaleMeasures.TinyPerson).Measures.Select(measure => measure.Name));

    [Fact]
    public void Json_holds_full_precision_and_null_for_no_number()
    {
        using var json = JsonDocument.Parse(Evaluate(ScaleMeasures.Bands).ToJson());

        var root = json.RootElement;
        Assert.Equal("usb", root.GetProperty("protocol").GetString());
        Assert.Equal("annotation", root.GetProperty("areaSource").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("kap").ValueKind);
        Assert.Equal(0.9999999999999998, root.GetProperty("cap").GetDouble(), 1e-15);
        Assert.Equal("BandASAP(1-4-8)", root.GetProperty("measures")[1].GetProperty("bins")[0].GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("measures")[1].GetProperty("bins")[0].GetProperty("ap").ValueKind);
    }

    [Fact]
    public void Text_has_a_table_of_each_measure()
    {
        var text = Evaluate(ScaleMeasures.Bands).ToText().ReplaceLineEndings("\n");

        Assert.StartsWith("usb: 1 images, up to 100 detections an image and category, areas of the annotations\n      CAP    AP50    AP70    AP75     KAP\n   1.0000  1.0000  1.0000  1.0000       -\n", text);
        Assert.Contains("\n BandASAP(16-32-64)         1.0000  1.0000\n", text);
        Assert.Contains("\n cell      1.0000  1.0000  1.0000  1.0000\n", text);
    }

    private static UsbScaleReport Evaluate(ScaleMeasures measures)
    {
        var table = new DetectionTable();
        table.Add(1, 5, 0, 0, 40, 40, 0.5);
        return UsbScales.Evaluate(
            new([new(1, "", 120, 120)], [new(5, "cell")], [new(1, 1, 5, 0, 0, 40, 40, 1600, false)], ""), table, UsbProtocol.Coco, measures, ct: TestContext.Current.CancellationToken);
    }
}
