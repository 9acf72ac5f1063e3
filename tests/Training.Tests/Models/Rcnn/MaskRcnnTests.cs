using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class MaskRcnnTests
{
    private static readonly RcnnOptions Small = TinyRcnn.Options with { Mask = new() { Channels = 16, Convolutions = 2 }, MaxDetections = 20 };

    // Detectron2's two, with frozen statistics and with group normalisation everywhere but in the proposals.
    [Fact]
    public void Parameter_count_is_that_of_the_published_detectors()
    {
        var norm = Norm.Group(32, exact: true);
        using var frozen = new RcnnDetector(new() { CategoryCount = 80, Backbone = new() { Norm = Norm.FrozenBatch }, Mask = new() }, seed: 1);
        using var group = new RcnnDetector(
            new()
            {
                CategoryCount = 80,
                Backbone = new() { Norm = norm },
                Neck = new() { Norm = norm },
                BoxHead = new() { Kind = BoxHeadKind.FourConvOneFc, Norm = norm },
                Mask = new() { Norm = norm },
            },
            seed: 1);

        Assert.Equal(44_343_216, Count(frozen));
        Assert.Equal(45_711_152, Count(group));

        static long Count(RcnnDetector detector) => detector.parameters().Sum(parameter => parameter.numel());
    }

    [Fact]
    public void Masks_are_learnt_beside_boxes()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(Small, seed: 1);

        var losses = detector.Loss(new(TinyRcnn.Pictures(2, 128, 160), [TestMasks.LeftHalves([1], [20, 20, 60, 70]), TestMasks.LeftHalves([2, 0], [10, 30, 90, 100], [100, 5, 140, 60])], Seed: 1));

        Assert.Equal(["class", "box", "mask", "proposalObjectness", "proposalBox"], losses.Parts.Keys);
        Assert.Equal(Math.Log(2), losses.Parts["mask"].item<float>(), 0.02);
        Assert.Equal(losses.Total.item<float>(), losses.Parts.Values.Sum(part => part.item<float>()), 1e-4);
    }

    [Fact]
    public void Export_finds_the_same_boxes_and_masks_in_batches_of_other_sizes()
    {
        using var scope = NewDisposeScope();
        using var detector = Lively(Small);

        OnnxParity.Check(
            x =>
            {
                var found = detector.Detect(new(x[0], x[1]));
                return [found.Boxes, found.Scores, found.Labels, found.Masks!];
            },
            [
                [TinyRcnn.Pictures(2, 128, 160), tensor(new float[] { 160, 128, 120, 100 }, [2, 2])],
                [TinyRcnn.Pictures(1, 96, 192), tensor(new float[] { 192, 90 }, [1, 2])],
                [TinyRcnn.Pictures(3, 128, 128), full(3, 2, 128)],
            ],
            tolerance: 2e-3);

        var masks = detector.Detect(new(new(TinyRcnn.Pictures(1, 128, 160)))).Masks!.Value;
        Assert.Equal([1, 20, 28, 28], masks.shape);
        Assert.True(masks.std().item<float>() > 0.05);
    }

    [Fact]
    public void Detection_without_a_detection_gives_rows_of_zeros()
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var detector = Lively(Small with { ScoreThreshold = 0.999999 });

        var found = detector.Detect(new(new(TinyRcnn.Pictures(2, 128, 160))));

        Assert.True(found.Labels.Value.eq(-1).all().item<bool>());
        Assert.True(found.Masks!.Value.eq(0).all().item<bool>());
    }

    [Fact]
    public void Loss_leaves_only_its_results_alive()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(Small with { Cascade = new(), BoxHead = Small.BoxHead with { ClassAgnostic = true } }, seed: 1);
        var input = new TrainingInput(TinyRcnn.Pictures(1, 128, 160), [TestMasks.LeftHalves([1], [20, 20, 60, 70])], Seed: 1);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var losses = detector.Loss(input);

        Assert.Equal(before + 1 + losses.Parts.Count + losses.Observations.Count, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static RcnnDetector Lively(RcnnOptions options)
    {
        var detector = TinyRcnn.Lively(options);
        using var noGradient = no_grad();
        using var random = new Generator(9);
        detector.state_dict()["heads.mask.head.0.predictor.weight"].normal_(0, 0.5, random);
        return detector;
    }
}
