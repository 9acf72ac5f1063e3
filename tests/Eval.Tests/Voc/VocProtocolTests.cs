using Serve.Eval.Datasets;
using Serve.Eval.Voc;

namespace Serve.Eval.Tests.Voc;

/// <summary>Rules of VOC, each on a scene small enough to compute by hand.</summary>
public class VocProtocolTests
{
    [Fact]
    public void Box_holds_the_pixels_of_its_right_and_bottom_edge()
    {
        // 10 x 10 pixels each, 5 columns shared: 50 / 150. As continuous coordinates 9 x 9, 4 shared: 36 / 126.
        var protocol = VocProtocol.Voc2012 with { IouThresholds = [50 / 150.0] };

        Assert.Equal(1, Evaluate(protocol, [Object(0, 9)], [(5, 9, 0.5)])["mAP"]);
        Assert.Equal(0, Evaluate(protocol with { InclusivePixels = false }, [Object(0, 9)], [(5, 9, 0.5)])["mAP"]);
        Assert.Equal(1, Evaluate(protocol with { InclusivePixels = false, IouThresholds = [36 / 126.0] }, [Object(0, 9)], [(5, 9, 0.5)])["mAP"]);
    }

    [Fact]
    public void Second_detection_of_an_object_is_false_even_where_another_object_is_free()
    {
        // The second detection overlaps the first object most, and the other one enough.
        var evaluation = Evaluate(VocProtocol.Voc2012, [Object(0, 99), Object(20, 99)], [(0, 99, 0.9), (5, 99, 0.8)]);

        Assert.Equal([0, -1], evaluation.Matches.DetectionMatches(0, 0));
        Assert.Equal(0.5, evaluation["mAP"]);
        Assert.Equal(0.5, evaluation["recall"]);
    }

    [Fact]
    public void Detections_of_a_difficult_object_count_neither_way()
    {
        var evaluation = Evaluate(VocProtocol.Voc2012, [Object(0, 99) with { IsIgnored = true }, Object(500, 99)], [(0, 99, 0.9), (1, 99, 0.8), (500, 99, 0.7)]);

        Assert.Equal(1, evaluation["mAP"]);
        Assert.Equal(1, evaluation["recall"]);
    }

    [Fact]
    public void Earlier_object_wins_among_equal_overlaps()
        => Assert.Equal([0], Evaluate(VocProtocol.Voc2012, [Object(0, 99), Object(0, 99)], [(0, 99, 0.9)]).Matches.DetectionMatches(0, 0));

    [Fact]
    public void Average_precision_is_that_of_eleven_points_or_the_area()
    {
        // Right, wrong, right; of four objects. Recall 1/4 at precision 1, 1/2 at 2/3: three points (0, 0.1, 0.2) have 1, three (0.3, 0.4, 0.5) have 2/3.
        GroundTruth[] objects = [Object(0, 99), Object(200, 99), Object(400, 99), Object(600, 99)];
        (double, double, double)[] detections = [(0, 99, 0.9), (900, 99, 0.8), (200, 99, 0.7)];

        Assert.Equal(5 / 11.0, Evaluate(VocProtocol.Voc2007, objects, detections)["mAP"]!.Value, 1e-15);
        Assert.Equal((1 + (2 / 3.0)) / 4, Evaluate(VocProtocol.Voc2012, objects, detections)["mAP"]!.Value, 1e-15);
    }

    [Fact]
    public void Eleven_points_are_counted_from_both_ends()
    {
        Assert.Equal([0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], VocProtocol.Voc2007.RecallThresholds);

        // Three of ten found: the recall 0.3 is less than the fourth point. Six of ten: exactly the seventh.
        GroundTruth[] objects = [.. Enumerable.Range(0, 10).Select(i => Object(200 * i, 99))];
        double Ap(int found) => Evaluate(VocProtocol.Voc2007, objects, [.. Enumerable.Range(0, found).Select(i => (200.0 * i, 99.0, 0.5))])["mAP"]!.Value;
        Assert.Equal(3 / 11.0, Ap(3), 1e-15);
        Assert.Equal(7 / 11.0, Ap(6), 1e-15);
    }

    [Fact]
    public void There_is_no_limit_of_detections_unless_one_is_asked_for()
    {
        (double, double, double)[] detections = [.. Enumerable.Range(1, 1000).Select(i => (5000.0 + (200 * i), 99.0, 0.9)), (0, 99, 0.5)];

        var all = Evaluate(VocProtocol.Voc2012, [Object(0, 99)], detections);
        var limited = Evaluate(VocProtocol.Voc2012 with { MaxDetections = [1001, 100] }, [Object(0, 99)], detections);

        Assert.Equal(1, all["recall"]);
        Assert.Equal(["mAP", "recall"], all.Summary.Select(number => number.Name));
        Assert.Equal(1, limited["recall at 1001 detections"]);
        Assert.Equal(0, limited["recall at 100 detections"]);
    }

    [Fact]
    public void Several_overlaps_and_areas_are_reported_each()
    {
        var protocol = VocProtocol.Voc2012 with { IouThresholds = [0.5, 0.95], AreaRanges = [new("all", 0, 1e10), new("large", 9216, 1e10)] };

        var evaluation = Evaluate(protocol, [Object(0, 9), Object(100, 99)], [(0, 9, 0.9), (103, 99, 0.8)]);

        Assert.Equal(
            ["mAP", "mAP@0.5", "mAP@0.95", "mAP(large)", "recall", "recall@0.5", "recall@0.95", "recall(large)"], evaluation.Summary.Select(number => number.Name));
        Assert.Equal([0.75, 1, 0.5, 0.5, 0.75, 1, 0.5, 0.5], evaluation.Summary.Select(number => number.Value!.Value));
        Assert.Equal(1, Assert.Single(evaluation.PerCategory).Ap50);
    }

    [Fact]
    public void Ties_are_broken_by_image_or_as_the_file_has_them()
    {
        var dataset = new Dataset([new(1, "", 0, 0), new(2, "", 0, 0)], [new(1, "a")], [Object(0, 99)], "");
        var detections = new DetectionTable();
        detections.Add(2, 1, 0, 0, 99, 99, 0.5);    // wrong: nothing is on image 2
        detections.Add(1, 1, 0, 0, 99, 99, 0.5);

        Assert.Equal(1, Evaluator.Evaluate(dataset, detections, VocProtocol.Voc2012, ct: Ct)["mAP"]);
        Assert.Equal(0.5, Evaluator.Evaluate(dataset, detections, VocProtocol.Voc2012 with { StrictReference = true }, ct: Ct)["mAP"]);
    }

    [Fact]
    public void Pooled_categories_are_one()
    {
        var detections = new DetectionTable();
        detections.Add(1, 2, 0, 0, 99, 99, 0.5);
        var dataset = new Dataset([new(1, "", 0, 0)], [new(1, "a"), new(2, "b")], [Object(0, 99)], "");

        Assert.Equal(1, Evaluator.Evaluate(dataset, detections, VocProtocol.Voc2007 with { UseCategories = false }, ct: Ct)["mAP"]!.Value, 1e-15);
        Assert.Equal(0, Evaluator.Evaluate(dataset, detections, VocProtocol.Voc2007, ct: Ct)["mAP"]);
    }

    [Fact]
    public void Overlap_of_nothing_is_refused_and_crowds_are_told()
    {
        var evaluation = Evaluate(VocProtocol.Voc2012, [Object(0, 99) with { IsCrowd = true }], []);

        Assert.Equal(
            ["1 annotations are crowds (\"iscrowd\"), which VOC does not have: they are evaluated as ordinary objects. What nobody has to find is marked \"difficult\" there."], evaluation.Warnings);
        Assert.Equal(
            "voc-2012: IouThresholds holds 0; boxes that do not touch never match under VOC, so a threshold must be above 0.",
            Assert.Throws<InvalidInputException>((VocProtocol.Voc2012 with { IouThresholds = [0, 0.5] }).Validate).Message);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static GroundTruth Object(double x, double side) => new(1, 1, 1, x, 0, side, side, side * side, false);

    private static EvaluationResult Evaluate(VocProtocol protocol, GroundTruth[] objects, (double X, double Side, double Score)[] detections)
    {
        var table = new DetectionTable();
        foreach (var d in detections)
            table.Add(1, 1, d.X, 0, d.Side, d.Side, d.Score);
        return Evaluator.Evaluate(new([new(1, "", 0, 0)], [new(1, "a")], [.. objects.Select((g, i) => g with { Id = i + 1 })], ""), table, protocol, threads: 1, Ct);
    }
}
