using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Data;
using Serve.Training.Export;
using Serve.Training.Models.Dense;
using Serve.Training.Models.Necks;
using Serve.Training.Recipes;
using Serve.Training.Runs;
using Serve.Training.Tests.Export;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Dense;

public sealed class DenseDetectorTests
{
    private static readonly DenseOptions Small = new()
    {
        CategoryCount = 3,
        Backbone = new() { Depth = 18, Width = 16 },
        Neck = NeckOptions.Dense with { Channels = 32 },
        TowerDepth = 1,
    };

    public static TheoryData<DenseKind> Kinds => [.. Enum.GetValues<DenseKind>()];

    [Theory]
    [InlineData(DenseKind.Retina, 27, 36, false)]
    [InlineData(DenseKind.Atss, 3, 4, true)]
    [InlineData(DenseKind.Gfl, 3, 68, false)]
    public void Predictions_have_the_channels_of_their_kind(DenseKind kind, int classes, int boxes, bool hasCenterness)
    {
        using var scope = NewDisposeScope();
        using var detector = new DenseDetector(Of(kind), seed: 1);

        var levels = detector.Predict(new TracedTensor(zeros(2, 3, 64, 96)));

        Assert.Equal([8, 16, 32, 64, 128], levels.Select(level => level.Stride));
        Assert.Equal([[2, classes, 8, 12], [2, classes, 4, 6], [2, classes, 2, 3], [2, classes, 1, 2], [2, classes, 1, 1]], levels.Select(level => level.Classes.Value.shape));
        Assert.All(levels, level => Assert.Equal(boxes, level.Boxes.Value.shape[1]));
        Assert.All(levels, level => Assert.Equal(hasCenterness, level.Centerness is not null));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void First_class_probability_is_the_prior_and_every_parameter_gets_a_gradient(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        using var detector = new DenseDetector(Of(kind), seed: 1);
        var images = rand(2, 3, 128, 128) * 255;
        var targets = new DetectionTargets(tensor(new float[] { 8, 8, 100, 90, 20, 30, 60, 70 }).view(2, 4), tensor(new long[] { 0, 2 }), zeros(0, 4));

        var levels = detector.Predict(new TracedTensor(images));
        detector.Loss(new(images, [targets, targets], Seed: 1)).Total.backward();

        Assert.All(levels, level => Assert.Equal(0.01, level.Classes.Value.sigmoid().mean().item<float>(), 2e-3));
        Assert.All(detector.named_parameters(), entry => Assert.False(entry.parameter.grad is null, entry.name));
    }

    // Lin et al.: nine anchors a cell; four convolutions of 256 channels with bias in each tower.
    [Fact]
    public void Parameter_count_of_retinanet_is_that_of_the_published_network()
    {
        using var detector = RetinaNet.Resnet50.CreateDetector();
        long pyramid = (512 + 1024 + 2048) * 256 + 3 * 256 + 5 * (256 * 256 * 9 + 256);
        long towers = 8 * (256 * 256 * 9 + 256);
        long predictors = 9 * (80 + 4) * (256 * 9 + 1);

        // Frozen batch normalisation has no parameters: 23,508,032 of the trunk less its 53,120 scales and shifts.
        Assert.Equal(23_454_912 + pyramid + towers + predictors, detector.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Exported_detector_detects_as_torchsharp_does_in_batches_of_one_and_three(DenseKind kind)
    {
        using var folder = TestFiles.NewFolder();
        // Fewer anchors than RetinaNet's: neighbours whose scores differ in the last bits may suppress each other either way.
        using var detector = Lively(kind == DenseKind.Retina ? Of(kind) with { AnchorSides = [4], ScoreThreshold = 0.3 } : Of(kind));
        OnnxExporter.Write(detector, ParityPictures.NewPassport(128, 96), folder.File("model.onnx"));

        var canvas = ParityPictures.NewPassport(128, 96).Input;
        InputSpec[] inputs = [canvas, canvas with { Width = 200, Height = 136 }, canvas with { Width = 224, Height = 128, Resize = ResizeRule.ShortestSide, SizeMultiple = 32 }];
        foreach (var input in inputs)
        {
            var report = ParityCheck.Run(detector, folder.File("model.onnx"), input, ParityPictures.Make(4), TestContext.Current.CancellationToken);

            Assert.InRange(report.Images, 4 + 6, input.Resize == ResizeRule.ShortestSide ? 4 + 4 * 3 : 4 + 6);
            Assert.True(report.Detections > 100, report.ToString());
            Assert.True(report.Passed, report.ToString());
        }
    }

    [Theory]
    [InlineData("universenet-2008")]
    [InlineData("universenet-2008-dcn")]
    [InlineData("universenet-2008s")]
    public void Exported_universenet_predicts_as_torchsharp_does(string name)
    {
        using var scope = NewDisposeScope();
        using var detector = Lively((DenseOptions)RecipeCatalogue.Find(name).Resolve(3).Detector.Shrunk());
        using (no_grad())
        {
            using var generator = new Generator(8);
            foreach (var (key, value) in detector.state_dict())
            {
                if (key.StartsWith("pyramid.layers", StringComparison.Ordinal) || key.StartsWith("pyramid.classes", StringComparison.Ordinal) || key.StartsWith("pyramid.boxes", StringComparison.Ordinal))
                    value.normal_(0, 0.05, generator);
                if (key.EndsWith("running_var", StringComparison.Ordinal))
                    value.uniform_(0.5, 2, generator);
                if (key.Contains(".offset.", StringComparison.Ordinal))
                    value.uniform_(-0.05, 0.05, generator);
            }
        }

        OnnxParity.Check(x => [.. detector.Predict(x[0]).SelectMany(level => new[] { level.Classes, level.Boxes })], [[rand(1, 3, 96, 128) * 255], [rand(3, 3, 136, 200) * 255]], 2e-3);
    }

    [Theory]
    [InlineData("universenet-small")]
    [InlineData("retinanet-r18-small")]
    [InlineData("atss-r18-small")]
    public async Task Small_recipe_finds_generated_rectangles_and_so_does_its_export(string name)
    {
        using var folder = TestFiles.NewFolder();
        var recipe = RecipeOverrides.Apply(RecipeCatalogue.Find(name),
        [
            "augmentation.width=96", "augmentation.height=96", "augmentation.scale=1,1", "augmentation.colorJitter=0,0,0,0", "detector.backbone.width=16",
            "detector.neck.channels=32", "detector.towerDepth=1", "batchSize=4", "epochs=60", "evaluateEveryEpochs=60", "schedule.warmupSteps=10", "averageDecay=0.9",
            "optimizer.learningRate=2e-3",
        ]);

        var request = TinyTraining.Request(folder, images: 8) with { Recipe = recipe };
        var result = await TinyTraining.Run(request);
        Assert.InRange(result.BestAp!.Value, 0.5, 1);

        using var detector = RunFolder.Open(request.Out).LoadDetector(CheckpointKind.Best);
        var passport = ParityPictures.NewPassport(96, 96);
        OnnxExporter.Write(detector, passport, folder.File("model.onnx"));
        var pictures = Directory.EnumerateFiles(folder.File("data/images")).Order(StringComparer.Ordinal).Select(path => PictureDecoder.DecodeFile(path, new PictureLimits())).ToList();
        var report = ParityCheck.Run(detector, folder.File("model.onnx"), passport.Input, pictures, TestContext.Current.CancellationToken, scoreLimit: 0.1);
        Assert.True(report.Detections > report.Images, report.ToString());
        Assert.True(report.Passed, report.ToString());
    }

    [Fact]
    public void Wrong_options_are_all_named_in_one_message()
    {
        var options = Small with { Kind = DenseKind.Gfl, TowerDepth = -1, AnchorSides = [4, 8], AnchorRatios = [0], NearestAnchors = 0, BoxWeight = 0 };

        var fault = Assert.Throws<InvalidInputException>(() => new DenseDetector(options, seed: 1));

        Assert.Equal(
            "Detector options: TowerDepth is -1; allowed: 0 or more. AnchorRatios is 0; allowed: numbers above 0. AnchorSides x AnchorRatios is 2; allowed: 1, as distances "
                + "start from a cell's one centre. NearestAnchors is 0; allowed: 1 or more. BoxWeight is 0; allowed: above 0 up to 100.",
            fault.Message);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Loss_and_detection_leave_only_their_results_alive(DenseKind kind)
    {
        using var detector = new DenseDetector(Of(kind), seed: 1);
        using var images = rand(1, 3, 64, 64) * 255;
        using var targets = new DetectionTargets(tensor(new float[] { 8, 8, 50, 40 }).view(1, 4), tensor(new long[] { 1 }), zeros(0, 4));
        using var mode = no_grad();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (NewDisposeScope())
        {
            detector.Loss(new(images, [targets], Seed: 1));
            detector.eval();
            detector.Detect(new(new TracedTensor(images)));
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_is_the_same_in_the_export_for_other_sizes_and_batches(DenseKind kind)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var options = Of(kind);

        OnnxParity.Check(Decode, [Inputs(1, 64, 96), Inputs(3, 128, 64), Inputs(3, 32, 32)], 1e-3);

        TracedTensor[] Decode(TracedTensor[] inputs)
        {
            var maps = inputs.Skip(1).Chunk(kind == DenseKind.Atss ? 3 : 2);
            var levels = maps.Select((level, index) => new DenseLevel(8 << index, level[0], level[1], level.ElementAtOrDefault(2))).ToList();
            var output = DenseDecoder.Decode(inputs[0], levels, options.Anchors([8, 16]), options);
            return [output.Boxes, output.Scores, output.Labels];
        }

        Tensor[] Inputs(long images, long height, long width)
        {
            List<Tensor> inputs = [zeros(images, 3, height, width)];
            foreach (var stride in new[] { 8, 16 })
            {
                long[] channels = [options.AnchorCount * options.CategoryCount, options.AnchorCount * options.BoxChannels, options.AnchorCount];
                inputs.AddRange(channels.Take(kind == DenseKind.Atss ? 3 : 2).Select(count => randn([images, count, height / stride, width / stride], generator: generator)));
            }

            return [.. inputs];
        }
    }

    private static DenseOptions Of(DenseKind kind) => Small with
    {
        Kind = kind,
        AnchorSides = kind == DenseKind.Retina ? [4, 5, 6.3] : [8],
        AnchorRatios = kind == DenseKind.Retina ? [0.5, 1, 2] : [1],
    };

    /// <summary>Random weights large enough that class probabilities spread over 0..1: many detections, many decisions.</summary>
    private static DenseDetector Lively(DenseOptions options)
    {
        var detector = new DenseDetector(options, seed: 2);
        using var _ = no_grad();
        using var generator = new Generator(7);
        var state = detector.state_dict();
        state["head.classes.bias"].fill_(-2.5);
        state["head.classes.weight"].normal_(0, 0.2, generator);
        state["head.boxes.weight"].normal_(0, 0.05, generator);
        if (state.TryGetValue("head.centerness.weight", out var centerness))
            centerness.normal_(0, 0.05, generator);
        detector.eval();
        return detector;
    }
}
