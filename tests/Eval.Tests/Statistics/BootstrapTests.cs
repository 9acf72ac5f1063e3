using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class BootstrapTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_number_of_the_summary_has_an_interval_around_it()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);

        var result = Bootstrap.Run(evaluation, ct: Ct);

        Assert.Equal(evaluation.Summary.Select(number => (number.Name, number.Value)), result.Estimates.Select(estimate => (estimate.Name, estimate.Value)));
        Assert.Equal(LargerScene.Images, result.Images);
        Assert.All(result.Estimates, estimate =>
        {
            Assert.InRange(estimate.Value!.Value, estimate.Interval!.Lower, estimate.Interval.Upper);
            Assert.Equal((0.95, IntervalMethod.Centred), (estimate.Interval.Level, estimate.Interval.Method));
            Assert.Equal((IntervalMethod.Percentile, IntervalMethod.Bca), (estimate.Percentile!.Method, estimate.Bca!.Method));
            Assert.Equal(estimate.Percentile.Lower - estimate.Bias!.Value, estimate.Interval.Lower, 1e-12);
            Assert.Equal(1000, estimate.Resamples);
            // Of 95 % intervals, half the width is about two standard errors.
            Assert.Equal(1.96 * 2, (estimate.Interval.Upper - estimate.Interval.Lower) / estimate.StandardError!.Value, 0.5);
        });
    }

    [Fact]
    public void Standard_error_of_a_share_is_that_of_a_share()
    {
        // An object an image, of which 60 of 100 are found, so that recall is a share of the images.
        var result = Bootstrap.Run(Share(found: 60, of: 100), new() { Resamples = 4000 }, ct: Ct);

        Assert.Equal(Math.Sqrt(0.6 * 0.4 / 100), result["AR@100"].StandardError!.Value, 0.002);
        Assert.Equal(0, result["AR@100"].Bias!.Value, 0.003);
    }

    [Fact]
    public void Interval_shrinks_with_the_root_of_the_number_of_images()
    {
        double Width(int images) => Bootstrap.Run(Share(images / 2, images), ct: Ct)["AR@100"].Percentile is { } interval ? interval.Upper - interval.Lower : 0;

        Assert.Equal(2, Width(100) / Width(400), 0.2);
    }

    [Fact]
    public void Resamples_without_any_ground_truth_have_no_number()
    {
        // One of three images has an object: a resample lacks it with probability (2/3)^3.
        var result = Bootstrap.Run(Share(found: 1, of: 1, empty: 2), new() { Resamples = 2000 }, ct: Ct);

        Assert.Equal(1 - Math.Pow(2 / 3.0, 3), result["AR@100"].Resamples!.Value / 2000.0, 0.05);
        Assert.Null(result["APl"].Value);
        Assert.Null(result["APl"].Interval);
        Assert.Equal(0, result["APl"].Resamples);
    }

    [Fact]
    public void Categories_have_intervals_where_they_are_asked_for()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);

        var result = Bootstrap.Run(evaluation, new() { Resamples = 100 }, [new(2, "b"), new(1, "a")], ct: Ct);

        var ofCategories = result.Estimates.Where(estimate => estimate.CategoryId is not null).ToArray();
        Assert.Equal(["AP of b", "AP of a"], ofCategories.Select(estimate => estimate.Name));
        Assert.Equal([evaluation.PerCategory[1].Ap, evaluation.PerCategory[0].Ap], ofCategories.Select(estimate => estimate.Value));
        Assert.All(ofCategories, estimate => Assert.InRange(estimate.Value!.Value, estimate.Interval!.Lower, estimate.Interval.Upper));
    }

    [Theory]
    [InlineData(IntervalMethod.Percentile)]
    [InlineData(IntervalMethod.Bca)]
    public void Interval_is_of_the_method_that_was_asked(IntervalMethod method)
    {
        var estimate = Bootstrap.Run(LargerScene.Evaluate(seed: 1), new() { Resamples = 200, Method = method }, ct: Ct)["AP"];

        Assert.Equal(method is IntervalMethod.Bca ? estimate.Bca : estimate.Percentile, estimate.Interval);
    }

    [Fact]
    public void Bca_interval_is_accelerated_by_evaluations_without_each_group_of_images()
    {
        const int Groups = 8;
        var (dataset, detections) = Skewed();
        var options = new StatisticsOptions { Resamples = 300, JackknifeGroups = Groups };
        var evaluation = Evaluator.Evaluate(dataset, detections, CocoProtocol.BoundingBox, ct: Ct);
        var resampled = FixedWeights.Accumulate(evaluation, new BootstrapDraws(dataset.Images.Count, options.Resamples, options.Seed));
        EvaluationResult[] without = [.. Enumerable.Range(0, Groups).Select(group => Evaluator.Evaluate(
            dataset, detections, CocoProtocol.BoundingBox with { ImageIds = [.. dataset.Images.Select(image => image.Id).Where((_, i) => i % Groups != group)] }, ct: Ct))];

        var result = Bootstrap.Run(evaluation, options, ct: Ct);

        Assert.All(["AP", "AP50", "AR@1", "AR@100"], name =>
        {
            var value = evaluation[name]!.Value;
            double[] values = [.. resampled[evaluation.Summary.Index().Single(number => number.Item.Name == name).Index].Order()];
            double[] deleted = [.. without.Select(part => part[name]!.Value)];
            var expected = BootstrapIntervals.Bca(value, values, deleted, options.Level)!;
            // Acceleration moves the ends far enough to be seen here.
            Assert.InRange(BootstrapIntervals.Bca(value, values, [], options.Level)!.Lower - expected.Lower, 0.01, 0.03);
            Assert.Equal(expected.Lower, result[name].Bca!.Lower, 1e-9);
            Assert.Equal(expected.Upper, result[name].Bca!.Upper, 1e-9);
        });
    }

    [Fact]
    public void Seed_decides_the_numbers()
    {
        var evaluation = LargerScene.Evaluate(seed: 1);
        Interval? Of(long seed) => Bootstrap.Run(evaluation, new() { Resamples = 50, Seed = seed }, ct: Ct)["AP"].Interval;

        Assert.Equal(Of(1), Of(1));
        Assert.NotEqual(Of(1), Of(2));
    }

    [Fact]
    public void Progress_comes_to_the_end()
    {
        var seen = new Seen();

        Bootstrap.Run(Share(found: 3, of: 5), new() { Resamples = 40 }, progress: seen, ct: Ct);

        Assert.Equal(1, seen.Highest);
    }

    [Fact]
    public void Resampling_stops_when_cancelled()
        => Assert.ThrowsAny<OperationCanceledException>(() => Bootstrap.Run(Share(found: 3, of: 5), ct: new CancellationToken(canceled: true)));

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        var options = new StatisticsOptions { Resamples = 0, Level = 95, JackknifeGroups = 1, Permutations = 0, Threads = 0 };

        var fault = Assert.Throws<InvalidInputException>(() => Bootstrap.Run(Share(found: 1, of: 2), options, ct: Ct));

        Assert.Equal(
            [
                "Resamples is 0; it must be at least 1.", "Level is 95; it must be above 0 and below 1, such as 0.95.", "JackknifeGroups is 1; it must be at least 2.",
                "Permutations is 0; it must be at least 1.", "Threads is 0; it must be at least 1, or -1 for one a core.",
            ],
            fault.Message.Split(Environment.NewLine));
    }

    [Fact]
    public void What_cannot_be_resampled_is_refused()
    {
        var none = Share(found: 0, of: 0);
        var withoutSummary = Share(found: 1, of: 2, protocol: CocoProtocol.BoundingBox with { MaxDetections = [100], StrictReference = true });

        Assert.Equal("There is no image to resample.", Assert.Throws<InvalidInputException>(() => Bootstrap.Run(none, ct: Ct)).Message);
        Assert.Equal(
            "There is no number to resample: the reference's summary needs 3 detection limits; there is 1.",
            Assert.Throws<InvalidInputException>(() => Bootstrap.Run(withoutSummary, ct: Ct)).Message);
        Assert.Equal(
            "Category 9 (\"cat\") is not evaluated; its average precision cannot be resampled.",
            Assert.Throws<InvalidInputException>(() => Bootstrap.Run(Share(found: 1, of: 2), categories: [new(9, "cat")], ct: Ct)).Message);
        Assert.StartsWith("There is no number \"mAP\"; there are AP, AP50", Assert.Throws<KeyNotFoundException>(() => Bootstrap.Run(Share(found: 1, of: 2), ct: Ct)["mAP"]).Message);
    }

    /// <summary>Thirty images of one object that is found, less well from one to the next, but every eighth of ten, of which one is found.</summary>
    private static (Dataset Dataset, DetectionTable Detections) Skewed()
    {
        var images = Enumerable.Range(1, 30).ToArray();
        var objects = images.SelectMany(image => Enumerable.Range(0, image % 8 == 1 ? 10 : 1).Select(i => (Image: image, X: 20.0 * i)));
        var dataset = new Dataset(
            [.. images.Select(id => new ImageEntry(id, "", 0, 0))], [new(1, "a")],
            [.. objects.Select((one, i) => new GroundTruth(i + 1, one.Image, 1, one.X, 0, 10, 10, 100, IsCrowd: false))], "");
        var table = new DetectionTable();
        foreach (var image in images)
            table.Add(image, 1, 0, 0, 10, 10 - (image / 10.0), image * 17 % 30 / 30.0);
        return (dataset, table);
    }

    /// <summary>Images with an object each, of which the first are found exactly, and images without any.</summary>
    private static EvaluationResult Share(int found, int of, int empty = 0, CocoProtocol? protocol = null)
    {
        var dataset = new Dataset(
            [.. Enumerable.Range(1, of + empty).Select(id => new ImageEntry(id, "", 0, 0))], [new(1, "a")],
            [.. Enumerable.Range(1, of).Select(id => new GroundTruth(id, id, 1, 0, 0, 10, 10, 100, IsCrowd: false))], "");
        var table = new DetectionTable();
        for (var image = 1; image <= found; image++)
            table.Add(image, 1, 0, 0, 10, 10, 0.5);
        return Evaluator.Evaluate(dataset, table, protocol ?? CocoProtocol.BoundingBox, ct: Ct);
    }

    private sealed class Seen : IProgress<double>
    {
        private readonly Lock gate = new();

        public double Highest { get; private set; }

        public void Report(double value)
        {
            lock (gate)
                Highest = Math.Max(Highest, value);
        }
    }
}
