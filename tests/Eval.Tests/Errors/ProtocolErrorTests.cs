using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Lvis;
using Serve.Eval.Masks;
using Serve.Eval.Voc;

namespace Serve.Eval.Tests.Errors;

/// <summary>What each protocol asks for beyond COCO's boxes.</summary>
public class ProtocolErrorTests
{
    private const long Cat = Scene.Cat;
    private const long Dog = Scene.Dog;
    private const long Bird = 3;

    private static readonly Category[] Categories = [new(Cat, "cat") { Frequency = "f" }, new(Dog, "dog") { Frequency = "f" }, new(Bird, "bird") { Frequency = "r" }];

    [Fact]
    public void Lvis_judges_only_what_an_image_says_something_about()
    {
        // No dogs there, not every cat annotated, nothing said of birds.
        var image = new ImageEntry(1, "", 0, 0) { NegativeCategoryIds = [Dog], NotExhaustiveCategoryIds = [Cat] };
        var dataset = new Dataset([image], Categories, [new(1, 1, Cat, 0, 0, 100, 100, 10_000, false)], "");
        var detections = new DetectionTable();
        detections.Add(1, Cat, 0, 0, 100, 100, 0.9);
        detections.Add(1, Cat, 500, 0, 100, 100, 0.8);
        detections.Add(1, Dog, 700, 0, 100, 100, 0.7);
        detections.Add(1, Bird, 900, 0, 100, 100, 0.6);
        var evaluation = Evaluator.Evaluate(dataset, detections, LvisProtocol.BoundingBox, threads: 1, TestContext.Current.CancellationToken);

        var report = ErrorAnalysis.Run(dataset, detections, evaluation, new() { ScoreThreshold = 0 }, threads: 1, TestContext.Current.CancellationToken);

        Assert.Equal([new(TideError.Bkg, 50, 2, 1)], report.Breakdown.Errors.Where(share => share.Count > 0));
        Assert.Equal([new(0, 0, 1), new(3, 1, 1)], report.Confusion.Cells);
        Assert.Equal((1, 1), (report.Overall.Chosen.TruePositives, report.Overall.Chosen.FalsePositives));
    }

    [Fact]
    public void Limit_of_a_category_over_all_images_holds_for_parts_too()
    {
        var scene = new Scene { Protocol = LvisProtocol.FixedBoundingBox with { MaxDetections = [2] }, Categories = Categories }
            .Object(Cat, 0).Object(Cat, 0, image: 2).Object(Cat, 0, image: 3)
            .Detection(Cat, 0, 0.9).Detection(Cat, 200, 0.8, image: 2).Detection(Cat, 0, 0.7, image: 3).Detection(Cat, 0, 0.6, image: 2);

        var report = scene.ReportOfParts();

        Assert.Equal([0.9, 0.8], report.Overall.Scores);
        Assert.Equal(scene.Report().ToJson(), report.ToJson());
    }

    [Fact]
    public void Voc_has_difficult_objects_and_no_limit()
    {
        var scene = new Scene { Protocol = VocProtocol.Voc2012 }.Object(Cat, 0).Object(Cat, 200, ignored: true).Detection(Cat, 0, 0.9).Detection(Cat, 200, 0.8);

        var report = scene.Report(new() { ScoreThreshold = 0.5 });

        Assert.Equal(100, report.Breakdown.Ap!.Value, 1e-12);
        Assert.Equal([new(0, 0, 1)], report.Confusion.Cells);
        Assert.Equal(new(0.9, 1, 0, 0, 1, 1, 1), report.Overall.Best);
        Assert.StartsWith($"voc-2012: errors at IoU 0.5, nothing below 0.1{Environment.NewLine}", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_that_only_the_pooled_comparison_draws_is_refused_in_its_words()
    {
        var masks = new SegmentationTable();
        masks.AddPolygons([1, 2, 3, 4], [4]);
        var dataset = new Dataset([new(1, "", 20, 20)], Categories, [new(5, 1, Cat, 1, 2, 2, 2, 4, false)], "") { Segmentations = masks };
        var detections = new DetectionTable();
        detections.Add(1, Dog, 1, 2, 2, 2, 0.9);
        var evaluation = Evaluator.Evaluate(dataset, detections, CocoProtocol.Masks, ct: TestContext.Current.CancellationToken);

        var fault = Assert.Throws<InvalidInputException>(() => ErrorAnalysis.Run(dataset, detections, evaluation, ct: TestContext.Current.CancellationToken));

        Assert.Equal("annotation id 5: its segmentation starts with a polygon of 4 numbers; it must have at least 6, which are three points.", fault.Message);
    }
}
