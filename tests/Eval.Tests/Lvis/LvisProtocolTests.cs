using Serve.Eval.Datasets;
using Serve.Eval.Lvis;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Lvis;

/// <summary>Rules of LVIS, each on a scene small enough to compute by hand.</summary>
public class LvisProtocolTests
{
    // 1 / (0 + 1 + 2^-52)
    private const double LoneTruePositive = 0.9999999999999998;

    private static readonly LvisProtocol Single = LvisProtocol.BoundingBox with { IouThresholds = [0.5], RecallThresholds = [1], AreaRanges = [new("all", 0, 1e10)] };

    [Theory]
    [InlineData(false, false, LoneTruePositive)]
    [InlineData(true, false, 0.5)]
    [InlineData(true, true, LoneTruePositive)]
    public void False_alarm_counts_where_its_category_is_known_and_annotated_exhaustively(bool absent, bool notExhaustive, double precision)
    {
        var image = new ImageEntry(2, "", 0, 0) { NegativeCategoryIds = absent ? [1] : [], NotExhaustiveCategoryIds = notExhaustive ? [1] : [] };

        var evaluation = Evaluate(Single, image, [Object(1, 0)], [(2, 50, 0.9), (1, 0, 0.5)]);

        Assert.Equal(precision, Assert.Single(evaluation.Curves.Precision));
    }

    [Fact]
    public void Match_counts_where_the_category_is_not_annotated_exhaustively()
    {
        var image = new ImageEntry(2, "", 0, 0) { NotExhaustiveCategoryIds = [1] };

        var evaluation = Evaluate(Single, image, [Object(2, 0)], [(2, 0, 0.5), (2, 50, 0.9)]);

        Assert.Equal(LoneTruePositive, Assert.Single(evaluation.Curves.Precision));
        Assert.Equal(1, evaluation["AR@300"]);
    }

    [Fact]
    public void Limit_is_of_an_image_over_all_categories_known_or_not()
    {
        var detections = new DetectionTable();
        detections.Add(1, 2, 50, 0, 10, 10, 0.9);   // of a category that is unknown on image 1
        detections.Add(1, 1, 0, 0, 10, 10, 0.5);
        detections.Add(2, 1, 0, 0, 10, 10, 0.5);
        var dataset = new Dataset([new(1, "", 0, 0), new(2, "", 0, 0)], [new(1, "a"), new(2, "b")], [Object(1, 0), Object(2, 0) with { Id = 2 }], "");

        var evaluation = Evaluator.Evaluate(dataset, detections, Single with { MaxDetections = [1] }, ct: Ct);

        Assert.Equal(0.5, evaluation["AR@1"]);
    }

    [Fact]
    public void Fixed_limit_is_of_a_category_over_all_images()
    {
        // By score: found, a false alarm, found. With two detections a category half is found; with three all.
        var protocol = LvisProtocol.FixedBoundingBox with { IouThresholds = [0.5], MaxDetections = [2, 3] };

        var evaluation = Evaluate(protocol, new(2, "", 0, 0) { NegativeCategoryIds = [1] }, [Object(1, 0), Object(1, 50)], [(1, 0, 0.9), (2, 0, 0.8), (1, 50, 0.7)]);

        Assert.Equal(0.5, evaluation["AR@2/cat"]);
        Assert.Equal(1, evaluation["AR@3/cat"]);
        Assert.Equal(["AP", "AP50", "AP75", "APs", "APm", "APl", "APr", "APc", "APf", "AR@2/cat", "AR@3/cat", "ARs@3/cat", "ARm@3/cat", "ARl@3/cat"], evaluation.Summary.Select(number => number.Name));
    }

    [Fact]
    public void Fixed_limit_counts_detections_of_categories_that_are_unknown_on_their_image()
    {
        var protocol = LvisProtocol.FixedBoundingBox with { IouThresholds = [0.5], MaxDetections = [1] };

        var evaluation = Evaluate(protocol, new(2, "", 0, 0), [Object(1, 0)], [(2, 0, 0.9), (1, 0, 0.8)]);

        Assert.Equal(0, evaluation["AR@1/cat"]);
    }

    [Fact]
    public void Frequency_groups_are_means_over_their_categories()
    {
        var detections = new DetectionTable();
        detections.Add(1, 1, 0, 0, 10, 10, 0.5);
        GroundTruth[] objects = [.. Enumerable.Range(1, 4).Select(c => Object(1, 0) with { Id = c, CategoryId = c })];
        var dataset = new Dataset(
            [new(1, "", 0, 0)], [new(4, "d") { Frequency = "f" }, new(1, "a") { Frequency = "r" }, new(2, "b") { Frequency = "r" }, new(3, "c")], objects, "");

        var evaluation = Evaluator.Evaluate(dataset, detections, LvisProtocol.BoundingBox, ct: Ct);

        Assert.Equal(LoneTruePositive / 2, evaluation["APr"]!.Value, 1e-15);
        Assert.Null(evaluation["APc"]);
        Assert.Equal(0, evaluation["APf"]);
        Assert.Contains("1 of 4 categories have no \"frequency\" of \"r\", \"c\" or \"f\"; they are left out of APr, APc and APf.", evaluation.Warnings);
    }

    [Fact]
    public void Ignore_is_honoured_and_crowd_is_not()
    {
        var evaluation = Evaluate(Single, new(2, "", 0, 0), [Object(1, 0) with { IsIgnored = true }, Object(1, 50) with { IsCrowd = true }], [(1, 0, 0.9), (1, 50, 0.8), (1, 50, 0.7)]);

        // One object counts; the second detection on it is a false positive after it.
        Assert.Equal(LoneTruePositive, Assert.Single(evaluation.Curves.Precision));
        Assert.Equal([0, 1, -1], evaluation.Matches.DetectionMatches(0, 0));
        Assert.Contains("1 annotations are crowds (\"iscrowd\"), which LVIS does not have: they are evaluated as ordinary objects.", evaluation.Warnings);
    }

    [Fact]
    public void Pooled_categories_have_no_frequency_groups_and_the_reference_evaluates_nothing()
    {
        var protocol = LvisProtocol.BoundingBox with { UseCategories = false };

        var evaluation = Evaluate(protocol, new(2, "", 0, 0), [Object(1, 0)], [(1, 0, 0.5)]);
        var reference = Evaluate(protocol with { StrictReference = true }, new(2, "", 0, 0), [Object(1, 0)], [(1, 0, 0.5)]);

        Assert.Equal(1, evaluation["AR@300"]);
        Assert.DoesNotContain("APr", evaluation.Summary.Select(number => number.Name));
        Assert.All(reference.Summary, number => Assert.Null(number.Value));
        Assert.Contains("Categories are pooled: as in the reference, which looks for a category that is none, nothing is evaluated.", reference.Warnings);
    }

    [Fact]
    public void Reference_makes_no_summary_where_it_fails()
    {
        var dataset = new Dataset([], [new(1, "a") { Frequency = "f" }, new(2, "b") { Frequency = "f" }], [], "");
        var protocol = LvisProtocol.BoundingBox with { StrictReference = true };

        Assert.Equal(
            "the reference fails where several categories are pooled: it looks for each category's frequency group",
            Evaluator.Evaluate(dataset, new(), protocol with { UseCategories = false }, ct: Ct).NoSummary);
        Assert.Equal(
            "the reference's summary needs an area range named \"all\"",
            Evaluator.Evaluate(dataset, new(), protocol with { AreaRanges = [new("tiny", 0, 100)] }, ct: Ct).NoSummary);
    }

    [Fact]
    public void What_the_reference_refuses_is_refused()
    {
        var dataset = new Dataset([new(1, "", 0, 0)], [new(1, "a"), new(2, "b") { Frequency = "rare" }], [], "");
        string Fault(LvisProtocol protocol) => Assert.Throws<InvalidInputException>(() => Evaluator.Evaluate(dataset, new(), protocol, ct: Ct)).Message;

        Assert.Equal("ImageIds holds 7, which the dataset does not list; it lists 1.", Fault(LvisProtocol.BoundingBox with { ImageIds = [1, 7] }));
        Assert.Equal("CategoryIds holds 3, which the dataset does not list; it lists 2.", Fault(LvisProtocol.BoundingBox with { CategoryIds = [3, 1] }));
        Assert.Equal("category id 1 (a) has no \"frequency\"; the LVIS reference needs \"r\", \"c\" or \"f\".", Fault(LvisProtocol.BoundingBox with { StrictReference = true }));
        Assert.Equal(
            "category id 2 (b) has the \"frequency\" \"rare\"; the LVIS reference needs \"r\", \"c\" or \"f\".",
            Fault(LvisProtocol.BoundingBox with { StrictReference = true, CategoryIds = [2] }));
    }

    [Fact]
    public void Parameters_without_meaning_are_refused()
    {
        Assert.Equal(
            "lvis-bbox: MaxDetections holds 1, 10, 300; the limit cuts an image's detections of all categories before anything else, so one number is allowed.",
            Assert.Throws<InvalidInputException>((LvisProtocol.BoundingBox with { MaxDetections = [1, 10, 300] }).Validate).Message);
        Assert.Equal(
            "lvis-fixed-segm: UseCategories is false; fixed AP limits the detections of each category, so categories cannot be pooled.",
            Assert.Throws<InvalidInputException>((LvisProtocol.FixedMasks with { UseCategories = false }).Validate).Message);
    }

    [Fact]
    public void Dataset_that_is_not_annotated_as_lvis_asks_is_told()
        => Assert.Contains(
            "No image lists categories that are absent (\"neg_category_ids\"): a detection counts only where its image holds an object of its category, and false alarms on all other images go unnoticed.",
            Evaluate(Single, new(2, "", 0, 0), [Object(1, 0)], []).Warnings);

    [Fact]
    public void Fixed_protocol_tells_of_short_lists()
    {
        const string Warning = "Categories that have objects have fewer than 2 detections. Fixed AP is meant for the best 2 of each category, not cut at a number an image.";
        var protocol = LvisProtocol.FixedBoundingBox with { MaxDetections = [2] };

        Assert.Contains(Warning, Evaluate(protocol, new(2, "", 0, 0), [Object(1, 0)], [(1, 0, 0.9)]).Warnings);
        Assert.DoesNotContain(Warning, Evaluate(protocol, new(2, "", 0, 0), [Object(1, 0)], [(1, 0, 0.9), (1, 0, 0.8)]).Warnings);
    }

    [Fact]
    public void Masks_are_compared_as_wholes_or_by_their_boundaries()
    {
        // 40 x 40 pixels and 36 x 36 in their middle: 0.81 of the pixels, and next to none of the boundaries.
        var (wanted, found) = (new SegmentationTable(), new SegmentationTable());
        wanted.AddPolygons([10, 10, 50, 10, 50, 50, 10, 50], [8]);
        found.AddPolygons([12, 12, 48, 12, 48, 48, 12, 48], [8]);
        var dataset = new Dataset([new(1, "", 100, 100)], [new(1, "a")], [new(1, 1, 1, 10, 10, 40, 40, 1600, false)], "") { Segmentations = wanted };
        var detections = new DetectionTable { Segmentations = found };
        detections.Add(1, 1, 12, 12, 36, 36, 0.5);
        double? Recall(LvisProtocol protocol) => Evaluator.Evaluate(dataset, detections, protocol with { IouThresholds = [0.8] }, ct: Ct).Curves.Recall[0];

        Assert.Equal([1, 0, 1, 0], new[] { LvisProtocol.Masks, LvisProtocol.Boundaries, LvisProtocol.FixedMasks, LvisProtocol.FixedBoundaries }.Select(protocol => Recall(protocol)!.Value));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static GroundTruth Object(long image, double x) => new(1, image, 1, x, 0, 10, 10, 100, false);

    private static EvaluationResult Evaluate(LvisProtocol protocol, ImageEntry image, GroundTruth[] objects, (long Image, double X, double Score)[] detections)
    {
        var table = new DetectionTable();
        foreach (var d in detections)
            table.Add(d.Image, 1, d.X, 0, 10, 10, d.Score);
        var dataset = new Dataset([new(1, "", 0, 0), image], [new(1, "a") { Frequency = "c" }], [.. objects.Select((g, i) => g with { Id = i + 1 })], "");
        return Evaluator.Evaluate(dataset, table, protocol, threads: 1, Ct);
    }
}
