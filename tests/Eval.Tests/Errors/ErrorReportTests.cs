using System.Text.Json;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;

namespace Serve.Eval.Tests.Errors;

public class ErrorReportTests
{
    private const long Cat = Scene.Cat;
    private const long Dog = Scene.Dog;

    private static Scene Small() => new Scene()
        .Object(Cat, 0).Object(Dog, 200).Object(Cat, 400).Object(Dog, 0, image: 2)
        .Detection(Cat, 0, 0.9).Detection(Cat, 200, 0.8).Detection(Dog, 600, 0.7).Detection(Dog, 0, 0.6, image: 2).Detection(Dog, 300, 0.5, image: 2);

    [Fact]
    public void Confusion_compares_categories_after_matching_without_them()
    {
        var confusion = Small().Report(new() { ScoreThreshold = 0.5 }).Confusion;

        Assert.Equal(["cat", "dog"], confusion.Categories.Select(category => category.Name));
        Assert.Equal([(0, 0, 1), (0, 2, 1), (1, 0, 1), (1, 1, 1), (2, 1, 2)], confusion.Cells.Select(cell => (cell.Truth, cell.Detected, (int)cell.Count)));
        Assert.Equal([2, 2, 2], confusion.TruthTotals);
        Assert.Equal([2, 3, 1], confusion.DetectedTotals);
        Assert.Equal(1, confusion.Count(1, 0));
        Assert.Equal(0, confusion.Count(0, 1));
        Assert.Equal([new(1, 0, 1)], confusion.MostConfused(5));
    }

    [Fact]
    public void Shares_of_a_confusion_matrix_are_of_rows_columns_or_all()
    {
        var confusion = Small().Report(new() { ScoreThreshold = 0.5 }).Confusion;

        Assert.Equal(1 / 2.0, confusion.Share(1, 1, ConfusionShare.OfTruth));
        Assert.Equal(1 / 3.0, confusion.Share(1, 1, ConfusionShare.OfDetected));
        Assert.Equal(1 / 6.0, confusion.Share(1, 1, ConfusionShare.OfAll));
        Assert.Null(new Scene().Report().Confusion.Share(0, 0, ConfusionShare.OfAll));
    }

    [Fact]
    public void Detections_below_the_score_are_not_in_the_confusion_matrix()
    {
        var confusion = Small().Report(new() { ScoreThreshold = 0.81 }).Confusion;

        Assert.Equal([(0, 0, 1), (0, 2, 1), (1, 2, 2)], confusion.Cells.Select(cell => (cell.Truth, cell.Detected, (int)cell.Count)));
    }

    [Fact]
    public void Object_of_the_same_category_wins_among_equal_overlaps()
    {
        var confusion = new Scene().Object(Dog, 0).Object(Cat, 0).Detection(Cat, 0, 0.9).Report().Confusion;

        Assert.Equal([(0, 0), (1, 2)], confusion.Cells.Select(cell => (cell.Truth, cell.Detected)));
    }

    [Fact]
    public void Crowds_are_not_in_the_confusion_matrix_nor_are_detections_of_their_category_on_them()
    {
        var scene = new Scene().Object(Cat, 0, width: 500, crowd: true).Detection(Cat, 0, 0.9).Detection(Dog, 200, 0.8);

        Assert.Equal([new(2, 1, 1)], scene.Report().Confusion.Cells);
    }

    [Fact]
    public void Objects_that_nobody_has_to_find_are_not_in_the_confusion_matrix_nor_are_detections_that_count_neither_way()
    {
        var scene = new Scene { Protocol = new LenientProtocol() }.Object(Cat, 0, ignored: true).Object(Cat, 200)
            .Detection(Cat, 0, 0.9).Detection(Dog, 200, 0.8).Detection(Dog, 400, 0.7);

        Assert.Equal([new(0, 1, 1)], scene.Report().Confusion.Cells);
    }

    [Fact]
    public void Curve_has_the_real_precision()
    {
        var curve = new Scene().Object(Cat, 0).Object(Cat, 200).Detection(Cat, 600, 0.9).Detection(Cat, 0, 0.8).Detection(Cat, 200, 0.7).Report().Overall;

        Assert.Equal([0.9, 0.8, 0.7], curve.Scores);
        Assert.Equal([0, 0.5, 2 / 3.0], curve.Scores.Select((_, i) => curve.At(i).Precision!.Value));
        Assert.Equal(new(0.7, 2, 1, 0, 2 / 3.0, 1, 0.8), curve.Best);
    }

    [Fact]
    public void Detections_with_one_score_are_one_place_of_a_curve()
    {
        var curve = new Scene().Object(Cat, 0).Detection(Cat, 0, 0.5).Detection(Cat, 600, 0.5).Report().Overall;

        Assert.Equal(OperatingPoint.Of(0.5, truePositives: 1, falsePositives: 1, objects: 1), curve.At(Assert.Single(Enumerable.Range(0, curve.Scores.Count))));
    }

    [Fact]
    public void Higher_threshold_wins_among_equal_f1()
    {
        // F1 is 2 / (1 + 3) at 0.9 and 4 / (5 + 3) at 0.5.
        var scene = new Scene().Object(Cat, 0).Object(Cat, 200).Object(Cat, 400)
            .Detection(Cat, 0, 0.9).Detection(Cat, 600, 0.8).Detection(Cat, 800, 0.7).Detection(Cat, 1000, 0.6).Detection(Cat, 200, 0.5);

        Assert.Equal(0.9, scene.Report().Overall.Best!.Threshold);
        Assert.Equal(0.9, scene.Report().ScoreThreshold);
    }

    [Fact]
    public void Threshold_is_zero_where_no_detection_is_right()
    {
        var report = new Scene().Object(Cat, 0).Detection(Cat, 600, 0.9).Report();

        Assert.Null(report.Overall.Best);
        Assert.Equal(0, report.ScoreThreshold);
        Assert.Equal(new(0, 0, 1, 1, 0, 0, 0), report.Overall.Chosen);
    }

    [Fact]
    public void Overlap_that_was_not_evaluated_is_matched_again()
    {
        var scene = new Scene { Protocol = CocoProtocol.BoundingBox with { IouThresholds = [0.75] } }.Object(Cat, 0).Detection(Cat, 0, 0.9, width: 60);

        Assert.Equal(1, scene.Report().Overall.Chosen.TruePositives);
        Assert.Equal(0, scene.Report(new() { IouThreshold = 0.75 }).Overall.Chosen.TruePositives);
    }

    [Fact]
    public void Images_have_precision_and_recall_of_their_own()
    {
        var report = Small().Report(new() { ScoreThreshold = 0.5 });

        Assert.Equal(
            [new(1, "a.jpg", 1, 2, 2, 1 / 3.0, 1 / 3.0, 1 / 3.0), new(2, "b.jpg", 1, 1, 0, 0.5, 1, 2 / 3.0), new(3, "c.jpg", 0, 0, 0, null, null, null)],
            report.Images);
    }

    [Fact]
    public void Worst_images_are_those_of_lowest_f1_or_of_most_errors()
    {
        var scene = new Scene()
            .Object(Cat, 0, image: 3).Object(Cat, 0, image: 2).Object(Cat, 200, image: 2).Object(Cat, 0)
            .Detection(Cat, 0, 0.9).Detection(Cat, 200, 0.9).Detection(Cat, 400, 0.9).Detection(Cat, 600, 0.9);

        Assert.Equal([2, 3, 1], scene.Report().Worst.Select(image => image.ImageId));
        Assert.Equal([1, 2, 3], scene.Report(new() { WorstBy = ImageOrder.MostErrors }).Worst.Select(image => image.ImageId));
        Assert.Equal([2], scene.Report(new() { WorstImages = 1 }).Worst.Select(image => image.ImageId));
    }

    [Fact]
    public void Equally_bad_images_come_by_rising_id()
        => Assert.Equal([1, 2, 3], new Scene().Object(Cat, 0, image: 3).Object(Cat, 0, image: 1).Object(Cat, 0, image: 2).Report().Worst.Select(image => image.ImageId));

    [Fact]
    public void Images_without_an_error_are_not_among_the_worst()
    {
        var report = new Scene().Object(Cat, 0).Object(Cat, 0, image: 2).Detection(Cat, 0, 0.9).Report();

        Assert.Equal([2], report.Worst.Select(image => image.ImageId));
    }

    [Fact]
    public void Evaluation_in_parts_has_the_same_errors()
    {
        var scene = Small();
        var options = new ErrorOptions { IouThreshold = 0.4 };

        Assert.Equal(scene.Report(options).ToJson(), scene.ReportOfParts(options).ToJson());
    }

    [Fact]
    public void Nothing_gives_empty_tables()
    {
        var report = new Scene().Report();

        Assert.Empty(report.Overall.Scores);
        Assert.Equal(new(0, 0, 0, 0, null, null, null), report.Overall.Chosen);
        Assert.Empty(report.Confusion.Cells);
        Assert.Empty(report.Worst);
        Assert.Equal(3, report.Images.Count);
        Assert.Equal(2, report.Categories.Count);
        Assert.Contains("No detection is right.", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dataset_without_images_and_categories_gives_empty_tables()
    {
        var (dataset, none) = (new Dataset([], [], [], ""), new DetectionTable());
        var evaluation = Evaluator.Evaluate(dataset, none, CocoProtocol.BoundingBox, ct: TestContext.Current.CancellationToken);

        var report = ErrorAnalysis.Run(dataset, none, evaluation, ct: TestContext.Current.CancellationToken);

        Assert.Empty(report.Images);
        Assert.Empty(report.Categories);
        Assert.Null(report.Breakdown.Ap);
    }

    [Fact]
    public void Json_reads_back_to_the_same_report()
    {
        var report = Small().Report();

        var back = ErrorReport.FromJson(report.ToJson());

        Assert.Equal(report.ToJson(), back.ToJson());
        Assert.Equal(report.Worst, back.Worst);
        Assert.Equal(report.Breakdown.Errors, back.Breakdown.Errors);
    }

    [Fact]
    public void Json_names_kinds_of_errors()
    {
        using var json = JsonDocument.Parse(Small().Report().ToJson());

        Assert.Equal(
            ["protocol", "iouThreshold", "scoreThreshold", "breakdown", "confusion", "overall", "categories", "images", "worstBy", "worst"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("LowestF1", json.RootElement.GetProperty("worstBy").GetString());
        Assert.Equal("""{"error":"Cls","gain":29.12541254125417,"count":1,"ignored":0}""", json.RootElement.GetProperty("breakdown").GetProperty("errors")[0].GetRawText());
    }

    [Fact]
    public void Text_has_a_table_for_each_question()
        => Assert.Equal(
            """
            coco-bbox: errors at IoU 0.5, nothing below 0.1, best 100 detections an image
             average precision 37.87 of 100

             error                              gain     count   ignored
             Cls  wrong category               29.13         1         0
             Loc  wrong place                   0.00         0         0
             Both wrong category and place      0.00         0         0
             Dupe found a second time           0.00         0         0
             Bkg  nothing is there             12.62         2         0
             Miss not found                    24.75         1         0
             all false positives               12.62
             all false negatives               37.13

            Best F1 at score 0.600: F1 0.500, precision 0.500, recall 0.500 (2 right, 2 wrong, 2 not found)
            Chosen: score 0.700: F1 0.286, precision 0.333, recall 0.250 (1 right, 2 wrong, 3 not found)

            Categories with most errors (2 of 2); score, F1, precision and recall where F1 is best
             category objects      AP     Cls     Loc    Both    Dupe     Bkg    Miss   score      F1    prec  recall
             cat            2    50.5       1       0       0       0       0       1   0.900   0.667   1.000   0.500
             dog            2    25.2       0       0       0       0       2       0   0.600   0.500   0.500   0.500

            From score 0.700: 1 detections on nothing, 2 objects without a detection
                  1  dog taken for cat

            Worst images (lowest F1)
                  F1  right  wrong  not found  image
               0.000      0      0          1  2 (b.jpg)
               0.333      1      2          2  1 (a.jpg)

            """,
            Small().Report(new() { ScoreThreshold = 0.7 }).ToText());

    [Fact]
    public void Text_that_is_no_report_is_refused()
        => Assert.StartsWith("The error report is not one that an error analysis writes: ", Assert.Throws<InvalidInputException>(() => ErrorReport.FromJson("{}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_out_of_range_are_refused_all_at_once()
    {
        var options = new ErrorOptions
        {
            IouThreshold = 0,
            BackgroundThreshold = 0.1,
            ScoreThreshold = double.NaN,
            MaxDetections = 0,
            CurveColumns = 0,
            WorstImages = -1,
            WorstBy = (ImageOrder)7,
        };

        var fault = Assert.Throws<InvalidInputException>(() => Small().Report(options));

        Assert.Equal(
            """
            IouThreshold is 0; it must be above 0 and at most 1.
            BackgroundThreshold is 0.1; it must be above 0 and at most IouThreshold, 0.
            ScoreThreshold is NaN; it must be finite.
            MaxDetections is 0; it must be at least 1.
            CurveColumns is 0; it must be at least 1.
            WorstImages is -1; it must not be negative.
            WorstBy is 7; it must be LowestF1 or MostErrors.
            """,
            fault.Message);
    }

    [Fact]
    public void Analysis_stops_when_cancelled()
    {
        var scene = Small();
        var evaluation = Evaluator.Evaluate(scene.Dataset, scene.Detections, scene.Protocol, ct: TestContext.Current.CancellationToken);

        Assert.ThrowsAny<OperationCanceledException>(() => ErrorAnalysis.Run(scene.Dataset, scene.Detections, evaluation, ct: new CancellationToken(canceled: true)));
    }
}
