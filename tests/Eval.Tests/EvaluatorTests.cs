using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests;

/// <summary>Behaviours that decide the third decimal, each on a scene small enough to compute by hand.</summary>
public class EvaluatorTests
{
    // 1 / (0 + 1 + 2^-52)
    private const double LoneTruePositive = 0.9999999999999998;

    private static readonly CocoProtocol Single = CocoProtocol.BoundingBox with { IouThresholds = [0.5], RecallThresholds = [0, 0.5, 1], AreaRanges = [new("all", 0, 1e10)] };

    [Fact]
    public void Precision_of_a_lone_true_positive_is_just_below_one()
    {
        var evaluation = Evaluate(Single, [Object(1, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.9)]);

        Assert.Equal(Enumerable.Repeat(LoneTruePositive, 9), evaluation.Curves.Precision);
        Assert.Equal([1, 1, 1], evaluation.Curves.Recall);
        Assert.Equal(Enumerable.Repeat(0.9, 9), evaluation.Curves.Scores);
        Assert.Equal(LoneTruePositive, evaluation["AP"]!.Value, 1e-15);
        Assert.Equal(1, evaluation["AR@100"]);
    }

    [Fact]
    public void Precision_is_the_highest_at_this_recall_or_more()
    {
        // By falling score: wrong, right, right, wrong. Precision 0, 1/2, 2/3, 1/2; recall 0, 1/2, 1, 1.
        var evaluation = Evaluate(
            Single,
            [Object(1, 0, 0, 10, 10), Object(1, 50, 0, 10, 10)],
            [(1, 50, 0, 10, 10, 0.7), (1, 90, 0, 10, 10, 0.9), (1, 0, 0, 10, 10, 0.8), (1, 70, 0, 10, 10, 0.6)]);

        // Axes [1, R = 3, 1, 1, M = 3]: at one detection nothing is found, at ten and at a hundred all.
        double[] expected = [0, 2 / 3.0, 2 / 3.0, 0, 2 / 3.0, 2 / 3.0, 0, 2 / 3.0, 2 / 3.0];
        Assert.All(expected.Zip(evaluation.Curves.Precision), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
        Assert.Equal([0, 1, 1], evaluation.Curves.Recall);
        Assert.Equal([0.9, 0.9, 0.9, 0, 0.8, 0.8, 0, 0.7, 0.7], evaluation.Curves.Scores);
    }

    [Fact]
    public void Recall_points_may_stand_in_any_order()
    {
        // By falling score: right, wrong, right. Precision 1, 1/2, 2/3; recall 1/2, 1/2, 1.
        var evaluation = Evaluate(
            Single with { RecallThresholds = [1, 0, 0.5] },
            [Object(1, 0, 0, 10, 10), Object(1, 50, 0, 10, 10)],
            [(1, 0, 0, 10, 10, 0.9), (1, 90, 0, 10, 10, 0.8), (1, 50, 0, 10, 10, 0.7)]);

        // Axes [1, R = 3, 1, 1, M = 3], the largest limit.
        double[] expected = [2 / 3.0, 1, 1];
        Assert.All(expected.Select((precision, r) => (precision, evaluation.Curves.Precision[(3 * r) + 2])), pair => Assert.Equal(pair.precision, pair.Item2, 1e-15));
        Assert.Equal([0.7, 0.9, 0.9], (double[])[evaluation.Curves.Scores[2], evaluation.Curves.Scores[5], evaluation.Curves.Scores[8]]);
    }

    [Fact]
    public void Equal_scores_keep_file_order_in_an_image_and_image_order_over_images()
    {
        // Image 2 stands first in the file, but image 1 comes first: its wrong detection before the right one of image 2.
        var evaluation = Evaluate(
            Single with { RecallThresholds = [1] },
            [Object(2, 0, 0, 10, 10)],
            [(2, 0, 0, 10, 10, 0.5), (2, 80, 0, 10, 10, 0.5), (1, 0, 0, 10, 10, 0.5)]);

        Assert.Equal(0.5, evaluation.Curves.Precision[^1], 1e-15);
    }

    [Fact]
    public void Later_object_wins_among_equal_overlaps()
    {
        var evaluation = Evaluate(Single, [Object(1, 0, 0, 10, 10), Object(1, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.5)]);

        Assert.Equal([1], evaluation.Matches.DetectionMatches(0, 0));
        Assert.Equal([-1, 0], evaluation.Matches.GroundTruthMatches(0, 0));
    }

    [Fact]
    public void Regular_object_is_preferred_to_a_crowd_that_overlaps_more()
    {
        var evaluation = Evaluate(
            Single, [Object(1, 0, 0, 40, 40, crowd: true), Object(1, 0, 0, 10, 15)], [(1, 0, 0, 10, 10, 0.5), (1, 5, 5, 10, 10, 0.4), (1, 20, 20, 10, 10, 0.3)]);

        Assert.Equal([1, 0, 0], evaluation.Matches.DetectionMatches(0, 0));
        Assert.Equal(LoneTruePositive, evaluation.Curves.Precision[^1]);
        Assert.Equal(1, evaluation.Curves.Recall[^1]);
    }

    [Fact]
    public void Box_on_the_edge_of_two_area_ranges_counts_in_both()
    {
        var evaluation = Evaluate(CocoProtocol.BoundingBox, [Object(1, 0, 0, 32, 32)], [(1, 0, 0, 32, 32, 0.5)]);

        Assert.Equal(LoneTruePositive, evaluation["APs"]!.Value, 1e-15);
        Assert.Equal(LoneTruePositive, evaluation["APm"]!.Value, 1e-15);
        Assert.Null(evaluation["APl"]);
    }

    [Fact]
    public void Unmatched_detection_outside_the_area_range_is_ignored()
    {
        var evaluation = Evaluate(
            Single with { AreaRanges = [new("small", 0, 200)] }, [Object(1, 0, 0, 10, 10)], [(1, 100, 0, 100, 100, 0.9), (1, 0, 0, 10, 10, 0.5)]);

        Assert.Equal(LoneTruePositive, evaluation.Curves.Precision[^1]);
    }

    [Fact]
    public void Limit_is_per_image_and_category()
    {
        var protocol = Single with { MaxDetections = [1] };
        (long, double, double, double, double, double)[] detections = [(1, 0, 0, 10, 10, 0.5), (1, 50, 0, 10, 10, 0.4), (2, 0, 0, 10, 10, 0.3)];

        var evaluation = Evaluate(protocol, [Object(1, 0, 0, 10, 10), Object(1, 50, 0, 10, 10), Object(2, 0, 0, 10, 10)], detections);

        Assert.Equal(2 / 3.0, Assert.Single(evaluation.Curves.Recall));
        Assert.Equal(2 / 3.0, evaluation["AR@1"]);
    }

    [Fact]
    public void First_number_of_the_reference_needs_a_limit_of_exactly_100()
    {
        var protocol = CocoProtocol.BoundingBox with { MaxDetections = [300, 1, 5], StrictReference = true };

        var evaluation = Evaluate(protocol, [Object(1, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.5)]);

        Assert.Null(evaluation["AP"]);
        Assert.Equal(1, evaluation["AR@300"]);
        Assert.Equal(["AR@1", "AR@5", "AR@300"], evaluation.Summary.Skip(6).Take(3).Select(number => number.Name));
    }

    [Fact]
    public void Numbers_are_read_at_the_limits_that_were_asked_for()
    {
        var evaluation = Evaluate(CocoProtocol.BoundingBox with { MaxDetections = [300] }, [Object(1, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.5)]);

        Assert.Equal(LoneTruePositive, evaluation["AP"]!.Value, 1e-15);
        Assert.Equal(["AP", "AP50", "AP75", "APs", "APm", "APl", "AR@300", "ARs", "ARm", "ARl"], evaluation.Summary.Select(number => number.Name));
        Assert.Equal(
            ["AP is read at the largest detection limit, 300. The reference reads it at 100 and prints -1 for other limits (--strict-reference does so too)."], evaluation.Warnings);
    }

    [Fact]
    public void Reference_makes_no_summary_of_fewer_than_three_limits()
    {
        var evaluation = Evaluate(
            CocoProtocol.BoundingBox with { MaxDetections = [100], StrictReference = true }, [Object(1, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.5)]);

        Assert.Empty(evaluation.Summary);
        Assert.Equal("the reference's summary needs 3 detection limits; there is 1", evaluation.NoSummary);
    }

    [Fact]
    public void Category_without_objects_is_left_out_and_one_without_detections_counts_as_zero()
    {
        var dataset = new Dataset([new(1, "", 0, 0)], [new(1, "found"), new(2, "missed"), new(3, "absent")], [Object(1, 0, 0, 10, 10), Object(1, 0, 0, 10, 10) with { Id = 2, CategoryId = 2 }], "");
        var table = new DetectionTable();
        table.Add(1, 1, 0, 0, 10, 10, 0.5);
        table.Add(1, 3, 0, 0, 10, 10, 0.5);

        var evaluation = Evaluator.Evaluate(dataset, table, CocoProtocol.BoundingBox, ct: TestContext.Current.CancellationToken);

        Assert.Equal([1, 0, null], evaluation.PerCategory.Select(c => c.Ar));
        Assert.Equal(LoneTruePositive / 2, evaluation["AP"]!.Value, 1e-15);
    }

    [Theory]
    [InlineData(true, 0, "An annotation has the id 0: as in the reference, a detection that matches it counts as a false positive.")]
    [InlineData(false, 1, "An annotation has the id 0: it is matched like any other. The reference takes a match with it for none (--strict-reference does so too).")]
    public void Match_with_the_id_zero_counts_unless_the_reference_is_reproduced(bool strict, double recall, string warning)
    {
        var evaluation = Evaluate(Single with { StrictReference = strict }, [Object(1, 0, 0, 10, 10) with { Id = 0 }], [(1, 0, 0, 10, 10, 0.5)]);

        Assert.Equal(recall, evaluation.Curves.Recall[^1]);
        Assert.Equal([warning], evaluation.Warnings);
    }

    [Theory]
    [InlineData(true, 0.5)]
    [InlineData(false, 1)]
    public void Annotations_with_one_id_stand_each_for_itself_unless_the_reference_is_reproduced(bool strict, double recall)
    {
        GroundTruth[] objects = [Object(1, 0, 0, 10, 10) with { Id = 7 }, Object(1, 50, 0, 10, 10) with { Id = 7 }];

        var evaluation = Evaluate(Single with { StrictReference = strict }, objects, [(1, 0, 0, 10, 10, 0.5), (1, 50, 0, 10, 10, 0.5)]);

        Assert.Equal(recall, evaluation.Curves.Recall[^1]);
        Assert.StartsWith("1 annotations repeat the id of another", Assert.Single(evaluation.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_is_told()
    {
        var evaluation = Evaluate(Single, [Object(1, 0, 0, 10, 10), Object(9, 0, 0, 10, 10)], [(1, 0, 0, 10, 10, 0.5)], category: 5);

        Assert.Equal(
            ["1 annotations lie on images that the dataset does not list; they are left out.", "1 detections are of categories that the dataset does not list; they are left out."],
            evaluation.Warnings);
    }

    [Fact]
    public void Evaluation_refuses_a_detection_on_an_unlisted_image()
    {
        var fault = Assert.Throws<InvalidInputException>(() => Evaluate(Single, [Object(1, 0, 0, 10, 10)], [(1, 0, 0, 1, 1, 0.5), (9, 0, 0, 1, 1, 0.5)]));

        Assert.Equal("detection #2 lies on image 9, which the dataset does not list (it lists 2); every detection must lie on a listed image.", fault.Message);
    }

    [Fact]
    public void Evaluation_refuses_a_score_that_is_no_number()
    {
        var fault = Assert.Throws<InvalidInputException>(() => Evaluate(Single, [], [(2, 0, 0, 1, 1, double.NaN)]));

        Assert.Equal("detection #1 on image 2: box or score is not finite, or too large; every number must be finite.", fault.Message);
    }

    [Fact]
    public void Evaluation_stops_when_cancelled()
        => Assert.ThrowsAny<OperationCanceledException>(() => Evaluator.Evaluate(
            new([new(1, "", 0, 0)], [new(1, "a")], [Object(1, 0, 0, 10, 10)], ""), new DetectionTable(), Single, ct: new CancellationToken(canceled: true)));

    private static GroundTruth Object(long image, double x, double y, double width, double height, bool crowd = false)
        => new(1, image, 1, x, y, width, height, width * height, crowd);

    private static EvaluationResult Evaluate(
        CocoProtocol protocol, GroundTruth[] objects, (long Image, double X, double Y, double Width, double Height, double Score)[] detections, long category = 1)
    {
        var table = new DetectionTable();
        foreach (var d in detections)
            table.Add(d.Image, category, d.X, d.Y, d.Width, d.Height, d.Score);
        // Ids 1, 2, ... unless the test chose one.
        var numbered = objects.Select((g, i) => g.Id == 1 ? g with { Id = i + 1 } : g);
        var dataset = new Dataset([new(2, "", 0, 0), new(1, "", 0, 0)], [new(1, "a")], [.. numbered], "");
        return Evaluator.Evaluate(dataset, table, protocol, threads: 1, TestContext.Current.CancellationToken);
    }
}
