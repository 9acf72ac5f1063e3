using Serve.Eval.Coco;
using Serve.Eval.Errors;

namespace Serve.Eval.Tests.Errors;

/// <summary>Each kind of error on scenes small enough to compute by hand.</summary>
public class TideBreakdownTests
{
    private const long Cat = Scene.Cat;
    private const long Dog = Scene.Dog;

    // Of 101 recall points; two categories share the mean.
    private const double Point = 100.0 / 101 / 2;

    private static Scene EachErrorOnce() => new Scene()
        .Object(Cat, 0).Detection(Cat, 0, 0.95).Detection(Cat, 0, 0.9, width: 90)
        .Object(Cat, 1000).Detection(Cat, 1000, 0.8, width: 30)
        .Object(Cat, 2000).Detection(Dog, 2000, 0.7)
        .Object(Cat, 3000).Detection(Dog, 3000, 0.6, width: 30)
        .Detection(Cat, 5000, 0.5);

    [Fact]
    public void Each_kind_of_error_is_counted_once()
    {
        var breakdown = EachErrorOnce().Breakdown();

        Assert.Equal([(TideError.Cls, 1), (TideError.Loc, 1), (TideError.Both, 1), (TideError.Dupe, 1), (TideError.Bkg, 1), (TideError.Miss, 1)], Counts(breakdown));
        Assert.All(breakdown.Errors, share => Assert.Equal(0, share.Ignored));
    }

    [Fact]
    public void Gain_is_what_the_repair_of_one_kind_gives()
    {
        var breakdown = EachErrorOnce().Breakdown();

        // Cats: right, then wrong ones; recall 1/4 is 26 points. Dogs have detections and no object: 0.
        Assert.Equal(26 * Point, breakdown.Ap!.Value, 1e-12);
        // Wrong place: the third cat is right, 25 more points at precision 2/3. Wrong category: the dog becomes the fourth of the cats, at 2/4.
        double[] gains = [25 * Point / 2, 25 * Point * 2 / 3, 0, 0, 0, 8 * Point];
        Assert.All(gains.Zip(breakdown.Errors), pair => Assert.Equal(pair.First, pair.Second.Gain, 1e-12));
        Assert.Equal(0, breakdown.FalsePositiveGain, 1e-12);
        Assert.Equal(75 * Point, breakdown.FalseNegativeGain, 1e-12);
    }

    [Fact]
    public void Categories_count_what_was_detected_as_them_and_what_was_missed_of_them()
    {
        var breakdown = EachErrorOnce().Breakdown();

        Assert.Equal([("cat", 4), ("dog", 0)], breakdown.Categories.Select(category => (category.Name, category.Objects)));
        Assert.Equal([0, 1, 0, 1, 1, 1], breakdown.Categories[0].Errors.Select(share => share.Count));
        Assert.Equal([1, 0, 1, 0, 0, 0], breakdown.Categories[1].Errors.Select(share => share.Count));
        Assert.Equal(52 * Point, breakdown.Categories[0].Ap!.Value, 1e-12);
        Assert.Equal(50 * Point * 2 / 3, breakdown.Categories[0].Errors[(int)TideError.Loc].Gain, 1e-12);
        Assert.Equal(0, breakdown.Categories[1].Ap);
    }

    [Fact]
    public void Repaired_false_positive_counts_once_though_two_detections_would_find_the_object()
    {
        var scene = new Scene().Object(Cat, 0).Detection(Cat, 0, 0.8, width: 30).Detection(Cat, 0, 0.9, width: 40);

        var breakdown = scene.Breakdown();

        // The better one finds it; the other goes: precision 1.
        Assert.Equal([(TideError.Loc, 2)], Counts(breakdown).Where(pair => pair.Count > 0));
        Assert.Equal(100, breakdown.Errors[(int)TideError.Loc].Gain, 1e-12);
    }

    [Theory]
    [InlineData(50, TideError.Loc)]
    [InlineData(51, TideError.Dupe)]
    [InlineData(10, TideError.Loc)]
    [InlineData(9, TideError.Bkg)]
    public void Overlap_at_a_threshold_is_a_fault_of_place(double width, TideError expected)
    {
        var scene = new Scene().Object(Cat, 0).Detection(Cat, 0, 0.9).Detection(Cat, 0, 0.8, width);

        Assert.Equal([(expected, 1)], Counts(scene.Breakdown()).Where(pair => pair.Count > 0));
    }

    [Fact]
    public void Detection_on_a_crowd_counts_neither_way_and_its_error_is_marked_as_ignored()
    {
        var scene = new Scene().Object(Cat, 0).Object(Cat, 1000, width: 500, crowd: true)
            .Detection(Cat, 0, 0.5).Detection(Cat, 1000, 0.9).Detection(Cat, 1100, 0.8).Detection(Dog, 1200, 0.7);

        var breakdown = scene.Breakdown();

        // The dog lies on a crowd of cats: an error that counts.
        Assert.Equal(new(TideError.Bkg, 50, 3, 2), breakdown.Errors[(int)TideError.Bkg]);
        Assert.Equal(50, breakdown.Ap);
    }

    [Theory]
    [InlineData(200, 1)]
    [InlineData(199, 0)]
    public void Overlap_with_a_crowd_must_be_above_the_threshold(double width, int counted)
    {
        // A crowd of 100 pixels covers half of 200, and just over half of 199.
        var scene = new Scene().Object(Cat, 0, crowd: true).Object(Cat, 1000).Detection(Cat, 0, 0.9, width);

        var share = scene.Breakdown().Errors[(int)TideError.Bkg];

        Assert.Equal((1, 1 - counted), (share.Count, share.Ignored));
    }

    [Fact]
    public void Object_that_nobody_has_to_find_is_neither_missed_nor_found()
    {
        var scene = new Scene { Protocol = new LenientProtocol() }.Object(Cat, 0, ignored: true).Object(Cat, 200, ignored: true).Object(Cat, 400)
            .Detection(Cat, 0, 0.9).Detection(Cat, 400, 0.8);

        var breakdown = scene.Breakdown();

        Assert.Equal(100, breakdown.Ap);
        Assert.Equal([new(TideError.Bkg, 0, 1, 1)], breakdown.Errors.Where(share => share.Count > 0));
    }

    [Fact]
    public void Detection_of_a_category_that_is_not_annotated_exhaustively_counts_neither_way()
    {
        var scene = new Scene { Protocol = new LenientProtocol() }.Object(Cat, 0).Detection(Cat, 0, 0.8).Detection(Dog, 200, 0.9);

        var breakdown = scene.Breakdown();

        Assert.Equal(100, breakdown.Ap);
        Assert.Equal([new(TideError.Bkg, 0, 1, 1)], breakdown.Errors.Where(share => share.Count > 0));
    }

    [Fact]
    public void Ignored_detection_may_be_the_one_whose_repair_finds_an_object()
    {
        // The cat lies in a crowd of cats and badly on a cat: it costs nothing as it is, and put right it finds the cat.
        var scene = new Scene().Object(Cat, 0, width: 400, crowd: true).Object(Cat, 0).Detection(Cat, 0, 0.9, width: 40);

        var breakdown = scene.Breakdown();

        Assert.Equal(new(TideError.Loc, 100, 1, 1), breakdown.Errors[(int)TideError.Loc]);
        Assert.Equal(0, breakdown.Errors[(int)TideError.Miss].Count);
    }

    [Fact]
    public void Repair_has_the_wrong_ones_of_equal_scores_first()
    {
        // As found the right one, first in the file, is first. In the lists made again for a repair (here of errors that do not occur) it is second.
        var scene = new Scene().Object(Cat, 0).Detection(Cat, 0, 0.5).Detection(Cat, 200, 0.5);

        Assert.Equal(100, scene.Breakdown().Ap);
        Assert.Equal(-50, scene.Breakdown().FalseNegativeGain, 1e-12);
    }

    [Fact]
    public void Earlier_object_wins_among_equal_overlaps()
    {
        // What is detected as a bird lies on a dog and on a cat alike. The dog is first in the file, and is what repair makes of it.
        var scene = new Scene { Categories = [new(Cat, "cat"), new(Dog, "dog"), new(3, "bird")] }.Object(Dog, 0).Object(Cat, 0).Detection(3, 0, 0.9);

        Assert.Equal([0, 100, 100], scene.Breakdown().Categories.Select(category => category.Errors[(int)TideError.Cls].Gain));
    }

    [Fact]
    public void Limit_of_detections_is_one_for_all_categories_of_an_image()
    {
        var scene = new Scene().Object(Cat, 0).Detection(Dog, 1000, 0.9).Detection(Dog, 2000, 0.8).Detection(Cat, 0, 0.7);

        var breakdown = scene.Breakdown(new() { MaxDetections = 2 });

        Assert.Equal(2, breakdown.MaxDetections);
        Assert.Equal([(TideError.Bkg, 2), (TideError.Miss, 1)], Counts(breakdown).Where(pair => pair.Count > 0));
    }

    [Fact]
    public void Pooled_categories_know_no_wrong_category()
    {
        var scene = new Scene { Protocol = CocoProtocol.BoundingBox with { UseCategories = false } }.Object(Cat, 0).Detection(Dog, 0, 0.9);

        var breakdown = scene.Breakdown();

        Assert.Equal(100, breakdown.Ap);
        Assert.Equal([(-1, "all")], breakdown.Categories.Select(category => (category.Id, category.Name)));
    }

    [Fact]
    public void Repair_that_leaves_nothing_to_average_gives_everything()
    {
        Assert.Equal(new(TideError.Miss, 100, 1, 0), new Scene().Object(Cat, 0).Breakdown().Errors[(int)TideError.Miss]);
        Assert.Equal(new(TideError.Bkg, 100, 1, 0), new Scene().Detection(Cat, 0, 0.5).Breakdown().Errors[(int)TideError.Bkg]);
    }

    [Fact]
    public void Nothing_has_no_precision_and_no_errors()
    {
        var breakdown = new Scene().Breakdown();

        Assert.Null(breakdown.Ap);
        Assert.All(breakdown.Errors, share => Assert.Equal((0, 0), (share.Gain, share.Count)));
        Assert.Equal((0, 0), (breakdown.FalsePositiveGain, breakdown.FalseNegativeGain));
        Assert.All(breakdown.Categories, category => Assert.Null(category.Ap));
    }

    private static IEnumerable<(TideError Error, int Count)> Counts(TideBreakdown breakdown) => breakdown.Errors.Select(share => (share.Error, share.Count));
}
