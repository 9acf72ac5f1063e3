using Serve.Eval;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class CascadeRoiHeadsTests
{
    private static readonly RcnnOptions Small = new()
    {
        CategoryCount = 3,
        BoxHead = new() { Width = 16, ClassAgnostic = true },
        RoiSamples = 32,
        Sampling = 2,
        ScoreThreshold = 0.01,
        MaxDetections = 10,
        Cascade = new(),
    };

    private static readonly RcnnOptions SmallMask = Small with { Mask = new() { Channels = 8, Convolutions = 1 } };

    // Two more heads of two fully connected layers, with the moves of one box whatever the class.
    [Fact]
    public void Parameter_count_of_two_more_stages_is_that_of_the_published_cascade()
    {
        var options = Small with { CategoryCount = 80, BoxHead = new() { ClassAgnostic = true } };
        using RoiHeads three = Heads(options, 256), one = Heads(options with { Cascade = OneStage }, 256);

        Assert.Equal(27_965_610, Count(three) - Count(one));

        static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
    }

    [Fact]
    public void One_stage_is_the_detector_without_a_cascade_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using RoiHeads cascade = Heads(SmallMask with { Cascade = OneStage }), standard = Heads(SmallMask with { Cascade = null });
        var levels = Levels();

        var (a, b) = (cascade.Train(levels, Proposals(), Input(), Padded()), standard.Train(levels, Proposals(), Input(), Padded()));
        a.Total.backward();
        b.Total.backward();

        Assert.True(a.Total.Equals(b.Total));
        Assert.Equal(["stage1Class", "stage1Box", "mask"], a.Parts.Keys);
        Assert.All(
            cascade.parameters().Zip(standard.parameters()),
            pair => Assert.True(pair.First.Equals(pair.Second) && pair.First.grad!.Equals(pair.Second.grad!)));

        var (first, second) = (Detect(cascade), Detect(standard));
        Assert.True(first.Scores.Value.gt(0).any().item<bool>());
        Assert.True(first.Boxes.Value.Equals(second.Boxes.Value));
        Assert.True(first.Scores.Value.Equals(second.Scores.Value));
        Assert.True(first.Labels.Value.Equals(second.Labels.Value));
        Assert.True(first.Masks!.Value.Equals(second.Masks!.Value));
    }

    // The weights of the stages sum to 1.75.
    [Theory]
    [InlineData(3)]
    [InlineData(80)]
    public void First_loss_of_the_classifiers_is_that_of_guessing(int categories)
    {
        using var scope = NewDisposeScope();
        using var heads = Heads(Small with { CategoryCount = categories });

        var parts = heads.Train(Levels(), Proposals(), Input(), Padded()).Parts;

        Assert.Equal(1.75 * Math.Log(categories + 1), Enumerable.Range(1, 3).Sum(stage => parts[$"stage{stage}Class"].item<float>()), 0.05);
    }

    [Theory]
    [InlineData(MaskPlacement.LastStage, false)]
    [InlineData(MaskPlacement.FirstStageSamples, false)]
    [InlineData(MaskPlacement.EveryStage, true)]
    public void Every_parameter_learns_and_each_stage_is_observed(MaskPlacement placement, bool resample)
    {
        using var scope = NewDisposeScope();
        using var heads = Heads(SmallMask with { Cascade = new() { Masks = placement, Resample = resample, RemoveTruth = !resample } });

        var losses = heads.Train(Levels(), Proposals(), Input(), Padded());
        losses.Total.backward();

        Assert.Equal(["stage1Class", "stage1Box", "stage2Class", "stage2Box", "stage3Class", "stage3Box", "mask"], losses.Parts.Keys);
        Assert.Equal(["stage1Iou", "stage1Foreground", "stage2Iou", "stage2Foreground", "stage3Iou", "stage3Foreground"], losses.Observations.Keys);
        Assert.All(losses.Observations, entry => Assert.InRange(entry.Value.item<float>(), 0, 1));
        Assert.All(heads.named_parameters(), entry => Assert.False(entry.parameter.grad is null, entry.name));
        Assert.Equal(placement == MaskPlacement.EveryStage, heads.state_dict().ContainsKey("mask.head.2.up.weight"));
    }

    [Fact]
    public void Feature_gradient_of_three_stages_can_be_a_third()
    {
        using var scope = NewDisposeScope();
        var plain = Small with { Cascade = new() { LossWeights = [1, 1, 1] } };
        using RoiHeads whole = Heads(plain), third = Heads(plain with { Cascade = plain.Cascade with { ScaleFeatureGradient = true } });

        var (a, b) = (Gradient(whole), Gradient(third));

        Assert.True(a.Loss.Equals(b.Loss));
        Assert.InRange((a.OfFeatures / 3 - b.OfFeatures).abs().max().item<float>(), 0, 1e-6);
        Assert.All(
            whole.parameters().Zip(third.parameters()),
            pair => Assert.InRange((pair.First.grad! - pair.Second.grad!).abs().max().item<float>(), 0, 1e-6));

        static (Tensor Loss, Tensor OfFeatures) Gradient(RoiHeads heads)
        {
            var levels = Levels();
            var map = levels[0].Map.Value.requires_grad_();
            var loss = heads.Train(levels, Proposals(), Input(), Padded()).Total;
            loss.backward();
            return (loss, map.grad!);
        }
    }

    [Fact]
    public void Both_ensembles_agree_where_boxes_do_not_move()
    {
        using var scope = NewDisposeScope();
        using RoiHeads last = Heads(Small), each = Heads(Small with { Cascade = new() { Scores = ScoreEnsemble.PerStage } });
        foreach (var heads in new[] { last, each })
        {
            foreach (var entry in heads.named_parameters().Where(entry => entry.name.Contains("deltas", StringComparison.Ordinal)))
            {
                using var noGradient = no_grad();
                entry.parameter.zero_();
            }
        }

        var (a, b) = (Detect(last), Detect(each));

        Assert.True(a.Scores.Value.gt(0).any().item<bool>());
        Assert.InRange((a.Scores.Value - b.Scores.Value).abs().max().item<float>(), 0, 1e-5);
        Assert.InRange((a.Boxes.Value - b.Boxes.Value).abs().max().item<float>(), 0, 1e-3);
    }

    // Large moves, so that boxes change their level between the stages.
    [Theory]
    [InlineData(ScoreEnsemble.LastStageFeatures, MaskPlacement.LastStage)]
    [InlineData(ScoreEnsemble.PerStage, MaskPlacement.EveryStage)]
    [InlineData(ScoreEnsemble.LastOnly, MaskPlacement.FirstStageSamples)]
    public void Export_computes_the_same_and_boxes_stay_inside(ScoreEnsemble scores, MaskPlacement placement)
    {
        using var scope = NewDisposeScope();
        using var heads = Heads(SmallMask with { Cascade = new() { Scores = scores, Masks = placement } });
        Enliven(heads);
        heads.eval();
        using var random = new Generator(6);
        Tensor[] One(int images) => [rand([images, 16, 64, 64], generator: random), rand([images, 16, 32, 32], generator: random), tensor(new float[] { 250, 200 }).expand(images, 2).contiguous()];

        OnnxParity.Check(x =>
        {
            var found = heads.Detect([new(4, x[0]), new(8, x[1])], TracedProposals(x[0]), Limits(x[2]), default);
            return [found.Boxes, found.Scores, found.Labels, found.Masks!];
        }, [One(2), One(1), One(3)], tolerance: 5e-3);

        var boxes = Detect(heads).Boxes.Value;
        Assert.True(boxes.ge(0).all().item<bool>() && boxes[.., .., 2].le(250).all().item<bool>() && boxes[.., .., 3].le(200).all().item<bool>());
    }

    [Fact]
    public void Wrong_options_are_all_named()
    {
        var options = Small with
        {
            BoxHead = new(),
            Cascade = new() { Thresholds = [0.5, 2], Weights = [[1, 1, 1]], LossWeights = [1, 0.5, 0.25], ScaleFeatureGradient = true },
        };

        var fault = Assert.Throws<InvalidInputException>(options.Validate);

        Assert.Equal(
            "Detector options: Cascade.Thresholds is 0.5, 2; allowed: numbers above 0, up to 1, one a stage. Cascade.Weights is 1, 1, 1; allowed: four positive numbers for each of 2 "
                + "stage(s). Cascade.LossWeights is 1, 0.5, 0.25; allowed: a positive number for each of 2 stage(s). Cascade.LossWeights is 1, 0.5, 0.25; allowed: ones, as "
                + "ScaleFeatureGradient already balances the stages. BoxHead.ClassAgnostic is False; allowed: true, as stages of a cascade move boxes before they have a class.",
            fault.Message);
    }

    private static CascadeOptions OneStage => new() { Thresholds = [0.5], Weights = [[10, 10, 5, 5]], LossWeights = [1] };

    private static RoiHeads Heads(RcnnOptions options, int channels = 16)
    {
        using var init = new Initialisation(1);
        return options.Cascade is { } cascade ? new CascadeRoiHeads(channels, options, cascade, init) : new StandardRoiHeads(channels, options, init);
    }

    private static void Enliven(nn.Module module)
    {
        using var noGradient = no_grad();
        using var random = new Generator(7);
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.Contains("predictor", StringComparison.Ordinal))
                parameter.normal_(0, name.Contains("deltas", StringComparison.Ordinal) ? 2 : 0.5, random);
        }
    }

    private static IReadOnlyList<FeatureLevel> Levels()
    {
        using var random = new Generator(2);
        return [new(4, new(rand([2, 16, 64, 64], generator: random))), new(8, new(rand([2, 16, 32, 32], generator: random)))];
    }

    // Twenty boxes an image, of sides from 10 to 190 pixels.
    private static Tensor Boxes()
    {
        using var random = new Generator(3);
        var corners = rand([2, 20, 2], generator: random) * 60;
        return cat([corners, corners + 10 + rand([2, 20, 2], generator: random) * 130], 2);
    }

    private static ProposalSet Proposals() => new(Boxes(), zeros(2, 20), ones(2, 20, dtype: @bool));

    private static DetectionTargets[] Targets() => [TestMasks.LeftHalves([1, 0], [8, 8, 60, 60], [90, 20, 180, 160]), TestMasks.LeftHalves([2], [30, 30, 150, 120])];

    private static PaddedTargets Padded() => PaddedTargets.Of(Targets(), 256, 256, CPU);

    private static TrainingInput Input() => new(zeros(2, 3, 256, 256), Targets(), Seed: 4);

    // The boxes of as many images as there are in a batch; all but three rows of each count.
    private static TracedProposals TracedProposals(TracedTensor map)
    {
        var counts = new TracedTensor(arange(20, dtype: int64).lt(17).unsqueeze(0));
        var zero = (map.Sum(3).Sum(2).Sum(1, keep: true) * 0).Unsqueeze(2);                              // [B, 1, 1]
        var boxes = zero + new TracedTensor(Boxes()[..1]);
        var places = (zero.Sum(2) + new TracedTensor(counts.Value.to_type(float32))).GreaterThan(zero.Like(0)).WhereTrue();
        return new(boxes, places);
    }

    private static TracedTensor Limits(TracedTensor sizes) => Shapes.Concat(1, sizes, sizes).Unsqueeze(1);

    private static DetectorOutput Detect(RoiHeads heads)
    {
        var levels = Levels();
        return heads.Detect(levels, TracedProposals(levels[0].Map), Limits(new(tensor(new float[] { 250, 200, 250, 200 }, [2, 2]))), default);
    }
}
