using Serve.Eval;
using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class RcnnDetectorTests
{
    private static readonly Norm FrozenBatch = Norm.FrozenBatch;

    // (a) of the specification: torchvision counts 41,755,286 for 91 classes, the mask head left out; Detectron2 for 80 categories.
    [Theory]
    [InlineData(DetectionDialect.Torchvision, 90, 41_755_286)]
    [InlineData(DetectionDialect.Detectron, 90, 41_755_286)]
    [InlineData(DetectionDialect.Detectron2, 80, 41_699_936)]
    public void Parameter_count_is_that_of_the_published_programs(DetectionDialect dialect, int categories, long expected)
    {
        using var detector = new RcnnDetector(new() { CategoryCount = categories, Dialect = dialect, Backbone = new() { Norm = FrozenBatch } }, seed: 1);

        Assert.Equal(expected, detector.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(593_935, Count(detector, "proposals."));
        Assert.Equal(12_846_080 + 1_049_600, Count(detector, "heads.head."));
    }

    [Theory]
    [InlineData(BoxHeadKind.FourConvOneFc, 4 * 589_824 + 4 * 512 + 12_845_056 + 1024)]
    [InlineData(BoxHeadKind.FourConvTwoFc, 4 * 589_824 + 4 * 512 + 12_845_056 + 1024 + 1_049_600)]
    public void Head_of_group_normalisation_has_the_papers_count(BoxHeadKind kind, long expected)
    {
        using var detector = new RcnnDetector(
            new() { CategoryCount = 80, Backbone = new() { Depth = 18, Width = 8 }, BoxHead = new() { Kind = kind, Norm = Norm.Group() } }, seed: 1);

        Assert.Equal(expected, Count(detector, "heads.head."));
    }

    [Theory]
    [InlineData(3, 1.386)]
    [InlineData(80, 4.394)]
    public void First_losses_are_those_of_equal_probabilities(int categories, double expected)
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(TinyRcnn.Options with { CategoryCount = categories }, seed: 1);

        var losses = detector.Loss(new(TinyRcnn.Pictures(2, 128, 160), [Target([20, 20, 60, 70]), Target([10, 30, 90, 100], [100, 5, 140, 60])], Seed: 1));

        Assert.Equal(Math.Log(2), losses.Parts["proposalObjectness"].item<float>(), 0.05);
        Assert.Equal(expected, losses.Parts["class"].item<float>(), 0.15);
        Assert.InRange(losses.Parts["box"].item<float>(), 0, 0.35);
        Assert.True(losses.Observations["foreground"].item<float>() >= 1);
        Assert.Equal(losses.Total.item<float>(), losses.Parts.Values.Sum(part => part.item<float>()), 1e-4);
    }

    [Fact]
    public void Every_parameter_gets_a_finite_gradient_with_objects_and_without()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(TinyRcnn.Options with { BoxHead = TinyRcnn.Options.BoxHead with { Kind = BoxHeadKind.FourConvOneFc, Channels = 16, Norm = Norm.Group() } }, seed: 1);
        detector.train();

        detector.Loss(new(TinyRcnn.Pictures(2, 128, 160), [Target(), Target()], Seed: 1)).Total.backward();
        Assert.All(detector.parameters(), parameter => Assert.True(parameter.grad is null || isfinite(parameter.grad).all().item<bool>()));

        detector.Loss(new(TinyRcnn.Pictures(2, 128, 160), [Target([20, 20, 60, 70]), Target()], Seed: 1)).Total.backward();
        Assert.All(detector.named_parameters(), entry => Assert.True(entry.parameter.grad is { } gradient && isfinite(gradient).all().item<bool>(), entry.name));
    }

    [Fact]
    public void Same_seed_gives_the_same_losses_and_another_draws_other_rows()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(TinyRcnn.Options, seed: 1);

        float Loss(long seed) => detector.Loss(new(TinyRcnn.Pictures(1, 128, 160), [Target([20, 20, 60, 70])], seed)).Total.item<float>();

        Assert.Equal(Loss(5), Loss(5));
        Assert.NotEqual(Loss(5), Loss(6));
    }

    // (c) of the specification.
    [Theory]
    [InlineData(NormKind.Group)]
    [InlineData(NormKind.FrozenBatch)]
    public void Batch_of_two_detects_as_two_batches_of_one(NormKind norm)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var detector = TinyRcnn.Lively(TinyRcnn.Options with { Backbone = TinyRcnn.Options.Backbone with { Norm = new Norm(norm) } });
        var (pictures, sizes) = (TinyRcnn.Pictures(2, 128, 160), tensor(new float[] { 160, 128, 120, 128 }, [2, 2]));

        var together = detector.Detect(new(new(pictures), new(sizes)));
        var apart = Enumerable.Range(0, 2).Select(i => detector.Detect(new(new(pictures[i..(i + 1)]), new(sizes[i..(i + 1)])))).ToList();

        Assert.True(together.Scores.Value.gt(0).sum().item<long>() > 20);
        Assert.InRange((together.Scores.Value - cat([.. apart.Select(one => one.Scores.Value)])).abs().max().item<float>(), 0, 1e-5);
        Assert.InRange((together.Boxes.Value - cat([.. apart.Select(one => one.Boxes.Value)])).abs().max().item<float>(), 0, 1e-3);
        Assert.True(together.Labels.Value.Equals(cat([.. apart.Select(one => one.Labels.Value)])));
    }

    // The same, for losses. All there is counts, so that the same rows are drawn whatever the place in the batch; as many of each image, so that means over rows are means over images.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batch_of_two_has_the_mean_losses_of_two_batches_of_one(bool isCascade)
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(TinyRcnn.Options with
        {
            Proposals = TinyRcnn.Options.Proposals with { Samples = 10_000, PositiveShare = 1, PostNmsTrain = 60, NmsIou = 1 },
            RoiSamples = 100,
            RoiShare = 1,
            BoxHead = TinyRcnn.Options.BoxHead with { ClassAgnostic = isCascade },
            Cascade = isCascade ? new() { RemoveTruth = false } : null,
        }, seed: 1);
        var (pictures, targets) = (TinyRcnn.Pictures(2, 128, 160), new[] { Target([20, 20, 60, 70], [90, 30, 130, 100]), Target([40, 10, 100, 50], [5, 60, 45, 120]) });

        var together = detector.Loss(new(pictures, targets, Seed: 1));
        var apart = Enumerable.Range(0, 2).Select(i => detector.Loss(new(pictures[i..(i + 1)], [targets[i]], Seed: 1))).ToList();

        Assert.All(together.Parts.Append(new("total", together.Total)), part =>
            Assert.Equal(apart.Average(one => (part.Key == "total" ? one.Total : one.Parts[part.Key]).item<float>()), part.Value.item<float>(), 1e-5f));
    }

    [Fact]
    public void Boxes_end_at_the_valid_part_of_each_image()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var detector = TinyRcnn.Lively(TinyRcnn.Options);

        var boxes = detector.Detect(new(new(TinyRcnn.Pictures(2, 128, 160)), new(tensor(new float[] { 160, 128, 96, 64 }, [2, 2])))).Boxes.Value;
        var all = detector.Detect(new(new(TinyRcnn.Pictures(2, 128, 160)))).Boxes.Value;

        Assert.Equal((96, 64), (boxes[1, .., 2].max().item<float>(), boxes[1, .., 3].max().item<float>()));
        Assert.Equal(160, all[1, .., 2].max().item<float>());
        Assert.InRange(all[1, .., 3].max().item<float>(), 65, 128);
    }

    [Fact]
    public void Loss_and_detection_leave_only_their_results_alive()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(TinyRcnn.Options, seed: 1);
        var input = new TrainingInput(TinyRcnn.Pictures(2, 128, 160), [Target([20, 20, 60, 70]), Target()], Seed: 1);
        detector.Loss(input);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var losses = detector.Loss(input);

        Assert.Equal(before + 1 + losses.Parts.Count + losses.Observations.Count, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        detector.Detect(new(new(input.Images)));
        Assert.Equal(before + 1 + losses.Parts.Count + losses.Observations.Count + 3, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Anchors_for_another_number_of_levels_are_refused()
    {
        var options = TinyRcnn.Options with { Neck = TinyRcnn.Options.Neck with { Extra = Training.Models.Necks.ExtraLevels.None } };

        var fault = Assert.Throws<InvalidInputException>(() => options.Create(seed: 1));

        Assert.Equal("Detector options: Proposals.Anchors.Sizes has 5 list(s); allowed: one for each of the neck's 4 level(s).", fault.Message);
    }

    [Fact]
    public void All_options_out_of_range_are_told_at_once()
    {
        var options = TinyRcnn.Options with
        {
            RoiSamples = 0,
            CrowdOverlap = 1,
            Proposals = TinyRcnn.Options.Proposals with { NegativeIou = 0.8, Anchors = new() { Ratios = [] } },
            BoxHead = new() { Norm = Norm.Group() },
        };

        var fault = Assert.Throws<InvalidInputException>(options.Validate);

        foreach (var sentence in new[] { "RoiSamples is 0; allowed: 1 or more.", "CrowdOverlap is 1;", "Proposals.NegativeIou is 0.8;", "Proposals.Anchors.Ratios is ;", "BoxHead.Norm is " })
            Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
    }

    private static long Count(RcnnDetector detector, string prefix)
        => detector.named_parameters().Where(entry => entry.name.StartsWith(prefix, StringComparison.Ordinal)).Sum(entry => entry.parameter.numel());

    private static DetectionTargets Target(params float[][] boxes)
        => new(TestBoxes.Of(boxes), zeros(boxes.Length, dtype: int64), zeros(0, 4));
}
