using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

public class UsbProtocolTests
{
    // 1 / (0 + 1 + 2^-52)
    private const double LoneTruePositive = 0.9999999999999998;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Object_on_an_edge_counts_in_both_ranges()
    {
        var evaluation = Evaluate(UsbProtocol.Coco, 1024, 1024, [Object(32, 32), Object(64, 64)], [(32, 32), (64, 64)]);

        string[] filled = [.. evaluation.Summary.Where(number => number.Name.EndsWith(')') && number.Value is not null).Select(number => number.Name)];
        Assert.Equal(
            ["RSAP(1/64-1/32)", "RSAP(1/32-1/16)", "RSAP(1/16-1/8)", "ASAP(16-32)", "ASAP(32-64)", "ASAP(64-128)"], filled);
        Assert.Equal(LoneTruePositive, evaluation["APs"]!.Value, 1e-15);
        Assert.Equal(LoneTruePositive, evaluation["APm"]!.Value, 1e-15);
        Assert.Null(evaluation["APl"]);
    }

    [Fact]
    public void Unmatched_detection_larger_than_the_image_does_not_count_in_relative_scale()
    {
        var evaluation = Evaluate(UsbProtocol.Coco, 100, 100, [Object(50, 50)], [(200, 200), (50, 50)]);

        Assert.Equal(0.5, evaluation["CAP"]!.Value, 1e-12);
        Assert.Equal(LoneTruePositive, evaluation["RSAP"]!.Value, 1e-12);
    }

    [Fact]
    public void Area_is_that_of_the_annotation_or_of_the_box()
    {
        var masked = Object(64, 64) with { Area = 900 };

        var annotation = Evaluate(UsbProtocol.Coco, 1024, 1024, [masked], [(64, 64)]);
        var box = Evaluate(UsbProtocol.Coco with { AreaSource = AreaSource.Box }, 1024, 1024, [masked], [(64, 64)]);

        Assert.Equal(LoneTruePositive, annotation["ASAP(16-32)"]!.Value, 1e-15);
        Assert.Null(annotation["ASAP(64-128)"]);
        Assert.Equal(LoneTruePositive, box["ASAP(64-128)"]!.Value, 1e-15);
        Assert.Null(box["ASAP(16-32)"]);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 1)]
    public void Images_without_annotations_or_with_a_short_side_are_left_out_where_asked(bool filter, int images)
    {
        Dataset dataset = new(
            [new(1, "", 640, 480), new(2, "", 640, 480), new(3, "", 640, 31), new(4, "", 640, 480)], [new(1, "a")],
            [Object(9, 9) with { ImageId = 1 }, Object(9, 9) with { ImageId = 3 }, Object(9, 9) with { ImageId = 4, CategoryId = 2 }], "");
        var table = new DetectionTable();
        table.Add(2, 1, 0, 0, 9, 9, 0.9);
        table.Add(1, 1, 0, 0, 9, 9, 0.5);

        var evaluation = Evaluator.Evaluate(dataset, table, UsbProtocol.Coco with { FilterEmpty = filter }, ct: Ct);

        Assert.Equal(images, evaluation.Matches.Input.ImageIds.Length);
        Assert.Equal(filter ? ["3 of 4 images are left out: they have no annotations, or a side below 32 pixels."] : [], evaluation.Warnings.Where(text => text.Contains("left out:", StringComparison.Ordinal)));
        // The wrong detection lies on an image without annotations.
        Assert.Equal(filter ? LoneTruePositive : 51 / 101.0 / 2, evaluation["CAP"]!.Value, 1e-12);
    }

    [Fact]
    public void Every_image_needs_a_size()
    {
        var fault = Assert.Throws<InvalidInputException>(() => Evaluate(UsbProtocol.Coco, 640, 0, [Object(9, 9)], []));

        Assert.Equal("image id 1 is 640 x 0 pixels; relative scales need \"width\" and \"height\" above 0 of every image.", fault.Message);
    }

    [Fact]
    public void Other_protocols_refuse_relative_scales()
    {
        var protocol = Eval.Coco.CocoProtocol.BoundingBox with { AreaRanges = UsbRanges.RelativeScale.Take(1).ToList() };

        var fault = Assert.Throws<InvalidInputException>(protocol.Validate);

        Assert.Equal("coco-bbox: AreaRanges holds \"RSAP\", a range of relative scales; coco-bbox knows areas and absolute scales only.", fault.Message);
    }

    [Fact]
    public void Kitti_style_precision_needs_the_three_categories_of_Waymo()
    {
        var evaluation = Evaluate(UsbProtocol.Wod, 640, 480, [Object(9, 9)], [(9, 9)]);

        Assert.DoesNotContain(evaluation.Summary, number => number.Name == "KAP");
        Assert.Equal(LoneTruePositive, evaluation["AP70"]!.Value, 1e-12);
    }

    [Theory]
    [InlineData("vehicle,pedestrian,cyclist", "usb", "The categories are those of WOD, whose rules are evaluated under usb-wod.")]
    [InlineData("TYPE_CYCLIST,TYPE_VEHICLE,TYPE_PEDESTRIAN", "usb", "The categories are those of WOD, whose rules are evaluated under usb-wod.")]
    [InlineData("body,face,frame,text", "usb", "The categories are those of M109s, whose rules are evaluated under usb-m109s.")]
    [InlineData("body,face,frame,text", "usb-m109s", null)]
    [InlineData("body,face", "usb", null)]
    public void Categories_of_a_dataset_with_other_rules_are_told(string categories, string protocol, string? warning)
    {
        Dataset dataset = new([new(1, "", 640, 480)], [.. categories.Split(',').Select((name, i) => new Category(i + 1, name))], [Object(9, 9)], "");

        var evaluation = Evaluator.Evaluate(dataset, new(), ProtocolCatalogue.Find(protocol)!, ct: Ct);

        Assert.Equal(warning is null ? [] : [warning], evaluation.Warnings);
    }

    [Fact]
    public void Parameters_name_areas_after_areas_only()
    {
        using var parameters = new MemoryStream("""{"areaRng":[[0,1],[1,2],[2,3],[3,4],[4,5.5]]}"""u8.ToArray());

        var protocol = ProtocolParameters.Read(parameters, "p.json", UsbProtocol.Coco);

        Assert.Equal([new("all", 0, 1), new("small", 1, 2), new("medium", 2, 3), new("large", 3, 4), new("4-5.5", 4, 5.5)], protocol.AreaRanges);
    }

    [Fact]
    public void Parameters_keep_what_sizes_are()
    {
        using var parameters = new MemoryStream("""{"iouThrs":[0.5]}"""u8.ToArray());

        var protocol = ProtocolParameters.Read(parameters, "p.json", UsbProtocol.Coco);

        Assert.Equal(UsbProtocol.Coco.AreaRanges, protocol.AreaRanges);
    }

    [Fact]
    public async Task Parts_and_stored_matches_give_the_same_numbers()
    {
        var (dataset, detections) = (await UsbGolden.ReadDataset("a"), await UsbGolden.ReadDetections("a"));
        var protocol = UsbProtocol.Coco;
        MatchTable Part(int remainder) => Stored(Evaluator.Evaluate(
            dataset, detections, protocol with { ImageIds = [.. dataset.Images.Select(image => image.Id).Where(id => id % 2 == remainder)] }, ct: Ct).Matches);

        var parts = Evaluator.Evaluate(MatchTable.Merge([Part(0), Part(1)]), dataset, protocol, ct: Ct);

        Assert.Equal(Evaluator.Evaluate(dataset, detections, protocol, ct: Ct).Summary, parts.Summary);
    }

    private static MatchTable Stored(MatchTable matches)
    {
        using var stream = new MemoryStream();
        MatchTableFile.Write(stream, matches);
        stream.Position = 0;
        return MatchTableFile.Read(stream);
    }

    private static GroundTruth Object(double width, double height) => new(1, 1, 1, 0, 0, width, height, width * height, false);

    private static EvaluationResult Evaluate(
        UsbProtocol protocol, int imageWidth, int imageHeight, GroundTruth[] objects, (double Width, double Height)[] detections)
    {
        var table = new DetectionTable();
        // By falling score.
        foreach (var (width, height) in detections)
            table.Add(1, 1, 0, 0, width, height, 0.9 - (0.1 * table.Count));
        var dataset = new Dataset([new(1, "", imageWidth, imageHeight)], [new(1, "a")], [.. objects.Select((o, i) => o with { Id = i + 1 })], "");
        return Evaluator.Evaluate(dataset, table, protocol, threads: 1, Ct);
    }
}
