using System.Text.Json;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Eval.Usb;
using Serve.Eval.Voc;

namespace Serve.Eval.Tests.Reports;

public class EvaluationReportTests
{
    private static readonly Dataset Truth = new(
        [new(1, "", 0, 0)], [new(1, "cat"), new(2, "elephant"), new(3, "unicorn")],
        [new(1, 1, 1, 0, 0, 10, 10, 100, false), new(2, 1, 2, 0, 0, 200, 200, 40_000, false)], "abc");

    [Fact]
    public void Json_reads_back_to_the_same_report()
    {
        var report = Report(CocoProtocol.BoundingBox);

        var back = EvaluationReport.FromJson(report.ToJson());

        Assert.Equal(report.ToJson(), back.ToJson());
        Assert.Equal(report.Stats, back.Stats);
        Assert.Equal(report.PerCategory, back.PerCategory);
        Assert.Equal(report.Curves.Select(c => c.Precision.Sum()), back.Curves.Select(c => c.Precision.Sum()));
    }

    [Fact]
    public void Json_has_the_names_and_the_minus_ones_of_coco()
    {
        using var json = JsonDocument.Parse(Report(CocoProtocol.BoundingBox with { IouThresholds = [0.5] }).ToJson());

        Assert.Equal(
            ["protocol", "stats", "statsNames", "metrics", "statsError", "warnings", "perCategory", "parameters", "datasetHash", "images", "groundTruths", "detections",
             "withheld", "provenance", "intervals", "scales", "errors", "latency", "curves"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("coco-bbox", json.RootElement.GetProperty("protocol").GetString());
        Assert.Equal(-1, json.RootElement.GetProperty("stats")[4].GetDouble());
        Assert.Equal(
            ["""{"id":1,"name":"cat","ap":0.9999999999999999,"ap50":0.9999999999999999,"ap75":null,"ar":1,"objects":1}""",
             """{"id":2,"name":"elephant","ap":0,"ap50":0,"ap75":null,"ar":0,"objects":1}""",
             """{"id":3,"name":"unicorn","ap":-1,"ap50":-1,"ap75":null,"ar":-1,"objects":0}"""],
            json.RootElement.GetProperty("perCategory").EnumerateArray().Select(c => c.GetRawText()));
    }

    [Fact]
    public void Json_reads_back_with_every_part()
    {
        var json = ReportExamples.Full().ToJson();

        var back = EvaluationReport.FromJson(json);

        Assert.Equal(json, back.ToJson());
        Assert.Equal(ReportExamples.Full().Errors!.ToText(), back.Errors!.ToText());
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 12, 30, 0, TimeSpan.Zero), back.Provenance!.Date);
        var byScale = ReportExamples.ByScale();
        Assert.Equal(byScale.ToJson(), EvaluationReport.FromJson(byScale.ToJson()).ToJson());
        Assert.Equal(byScale.Scales!.ToText(), EvaluationReport.FromJson(byScale.ToJson()).Scales!.ToText());
    }

    [Fact]
    public void Json_of_a_version_that_said_less_is_read()
    {
        const string Old = """
            {"protocol":"coco-bbox","stats":[0.5],"statsNames":["AP"],"perCategory":[{"id":1,"name":"cat","ap":0.5,"ap50":null,"ap75":null,"ar":1}],
             "parameters":{"iouThresholds":[0.6],"maxDetections":[100],"areaRanges":[{"name":"all","lower":0,"upper":1e10}],"useCategories":true},
             "datasetHash":"abc","images":1,"groundTruths":2,"detections":1,"curves":[]}
            """;

        var report = EvaluationReport.FromJson(Old);

        Assert.Null(report.Provenance);
        Assert.Null(report.PerCategory[0].Objects);
        Assert.Contains("0.500", report.ToHtml(), StringComparison.Ordinal);
        Assert.Contains("| AP | 0.500 |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains($" {"AP",-60} = 0.500{Environment.NewLine}", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_tell_what_only_some_protocols_have()
    {
        static ParameterReport Of(Protocol protocol) => ReportExamples.Plain(protocol).Parameters;

        Assert.Equal((true, null, null), (Of(VocProtocol.Voc2012).InclusivePixels, Of(VocProtocol.Voc2012).AreaSource, Of(VocProtocol.Voc2012).DilationRatio));
        Assert.Equal((AreaSource.Annotation, false), (Of(UsbProtocol.Coco).AreaSource, Of(UsbProtocol.Coco).FilterEmpty));
        Assert.Equal([1L, 3L], Of(CocoProtocol.BoundingBox with { ImageIds = [1, 3] }).ImageIds);
        Assert.Equal((101, true), (Of(CocoProtocol.BoundingBox).RecallThresholds.Count, Of(CocoProtocol.BoundingBox with { StrictReference = true }).StrictReference));
        Assert.Equal(SizeMeasure.RelativeScale, Of(UsbProtocol.Coco).AreaRanges[4].Measure);
    }

    [Fact]
    public void Text_has_intervals_behind_the_numbers()
    {
        var report = ReportExamples.Full();

        var interval = report.Intervals!["AP"].Interval!;
        Assert.Contains(ReportNumber.Text($" = {report.Stats[0]:0.000} [{interval.Lower:0.000}, {interval.Upper:0.000}]"), report.ToText(), StringComparison.Ordinal);
        Assert.Contains(" Ranges: 95% centred intervals of 20 resamples, seed 1.", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Record_has_null_where_json_has_minus_one()
    {
        var report = Report(CocoProtocol.BoundingBox);

        Assert.Null(report.PerCategory[2].Ap);
        Assert.Null(EvaluationReport.FromJson(report.ToJson()).PerCategory[2].Ap);
    }

    [Fact]
    public void Curves_are_those_at_50_and_75_of_categories_with_ground_truth()
    {
        var report = Report(CocoProtocol.BoundingBox);

        Assert.Equal([(1, 0.5), (1, 0.75), (2, 0.5), (2, 0.75)], report.Curves.Select(c => (c.CategoryId, c.IouThreshold)));
        Assert.All(report.Curves, c => Assert.Equal((101, 101, 101), (c.Recall.Count, c.Precision.Count, c.Scores.Count)));
        Assert.Equal((0.9999999999999998, 0.5), (report.Curves[0].Precision[100], report.Curves[0].Scores[100]));
        Assert.Equal((0, 0), (report.Curves[2].Precision[0], report.Curves[2].Scores[0]));
    }

    [Fact]
    public void Report_without_summary_says_why()
    {
        var report = Report(CocoProtocol.BoundingBox with { MaxDetections = [7], StrictReference = true });

        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Empty(report.Stats);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("stats").ValueKind);
        Assert.Equal("the reference's summary needs 3 detection limits; there is 1", json.RootElement.GetProperty("statsError").GetString());
        Assert.Equal(report.ToJson(), EvaluationReport.FromJson(report.ToJson()).ToJson());
        Assert.Contains(" No summary: the reference's summary needs 3 detection limits; there is 1.", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pooled_categories_are_named_all()
        => Assert.Equal((-1, "all"), Report(CocoProtocol.BoundingBox with { UseCategories = false }).PerCategory.Select(c => (c.Id, c.Name)).Single());

    [Fact]
    public void Category_that_the_dataset_does_not_list_is_named_by_its_id()
        => Assert.Equal(["cat", "77"], Report(CocoProtocol.BoundingBox with { CategoryIds = [77, 1] }).PerCategory.Select(c => c.Name));

    [Fact]
    public void FromJson_refuses_other_texts()
    {
        Assert.StartsWith("The report is not one that `evaluate --json` writes: ", Assert.Throws<InvalidInputException>(() => EvaluationReport.FromJson("{}")).Message, StringComparison.Ordinal);
        Assert.Equal("The report is null; it must be an object as `evaluate --json` writes it.", Assert.Throws<InvalidInputException>(() => EvaluationReport.FromJson("null")).Message);
    }

    [Fact]
    public void Text_has_the_twelve_lines_of_the_reference_and_the_categories()
        => Assert.Equal(
            """
            coco-bbox: 1 images, 2 objects, 1 detections
             Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.500
             Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.500
             Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.500
             Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 1.000
             Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = -1.000
             Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.000
             Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.500
             Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.500
             Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.500
             Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 1.000
             Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = -1.000
             Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.000

             category     AP   AP50   AP75     AR
             cat       1.000  1.000  1.000  1.000
             elephant  0.000  0.000  0.000  0.000
             unicorn       -      -      -      -

            """,
            Report(CocoProtocol.BoundingBox).ToText());

    [Fact]
    public void Text_of_a_protocol_without_limits_says_that_all_detections_count()
        => Assert.Equal(
            """
            voc-2012: 1 images, 2 objects, 1 detections
             Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=all ] = 0.500
             Average Recall     (AR) @[ IoU=0.50      | area=   all | maxDets=all ] = 0.500

             category     AP   AP50   AP75     AR
             cat       1.000  1.000      -  1.000
             elephant  0.000  0.000      -  0.000
             unicorn       -      -      -      -

            """,
            Report(VocProtocol.Voc2012).ToText());

    private static EvaluationReport Report(Protocol protocol)
    {
        var detections = new DetectionTable();
        detections.Add(1, 1, 0, 0, 10, 10, 0.5);
        return EvaluationReport.From(Evaluator.Evaluate(Truth, detections, protocol, ct: TestContext.Current.CancellationToken), Truth);
    }
}
