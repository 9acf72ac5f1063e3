using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Fcos;

public sealed class FcosDetectorTests
{
    private static readonly BackboneOptions Resnet18 = new() { Depth = 18 };
    private static readonly FcosOptions Small = new() { CategoryCount = 3, Neck = NeckOptions.Dense with { Channels = 32 }, TowerDepth = 1 };

    [Fact]
    public void Predictions_have_one_cell_per_stride_on_five_levels()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector(Small, seed: 1);

        var levels = detector.Predict(new TracedTensor(zeros(2, 3, 64, 96)));

        Assert.Equal([8, 16, 32, 64, 128], levels.Select(level => level.Stride));
        Assert.Equal([[2, 3, 8, 12], [2, 3, 4, 6], [2, 3, 2, 3], [2, 3, 1, 2], [2, 3, 1, 1]], levels.Select(level => level.ClassLogits.Value.shape));
        Assert.All(levels, level => Assert.Equal(4, level.Distances.Value.shape[1]));
        Assert.All(levels, level => Assert.Equal(1, level.Centerness.Value.shape[1]));
        Assert.All(levels, level => Assert.True(level.Distances.Value.ge(0).all().item<bool>()));
    }

    [Fact]
    public void First_class_probability_is_the_prior()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector(Small with { PriorProbability = 0.01 }, seed: 1);

        var levels = detector.Predict(new TracedTensor(rand(1, 3, 64, 64) * 255));

        Assert.All(levels, level => Assert.Equal(0.01, level.ClassLogits.Value.sigmoid().mean().item<float>(), 2e-3));
    }

    [Fact]
    public void Same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using var scope = NewDisposeScope();
        using FcosDetector a = new(Small, seed: 5), b = new(Small, seed: 5), c = new(Small, seed: 6);

        Assert.All(a.state_dict(), entry => Assert.True(entry.Value.Equals(b.state_dict()[entry.Key]), entry.Key));
        Assert.False(a.state_dict()["backbone.conv1.weight"].Equals(c.state_dict()["backbone.conv1.weight"]));
    }

    [Fact]
    public void Keys_of_the_backbone_are_torchvisions()
    {
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { Norm = Norm.Batch } }, seed: 1);
        var keys = detector.state_dict().Keys;

        Assert.Contains("backbone.conv1.weight", keys);
        Assert.Contains("backbone.bn1.running_mean", keys);
        Assert.Contains("backbone.layer1.0.conv1.weight", keys);
        Assert.Contains("backbone.layer2.0.downsample.0.weight", keys);
        Assert.Contains("backbone.layer2.0.downsample.1.weight", keys);
        Assert.Contains("pyramid.lateral.0.bias", keys);
        Assert.Contains("head.class_tower.0.norm.weight", keys);
        Assert.Contains("head.scales", keys);
    }

    // Trunks without the classifier, as torchvision counts them; then laterals, outputs, P6, P7; towers; predictors; scales.
    [Theory]
    [InlineData(18, 11_176_512)]
    [InlineData(50, 23_508_032)]
    public void Parameter_count_is_that_of_the_published_networks(int depth, long trunk)
    {
        using var detector = new FcosDetector(new FcosOptions { CategoryCount = 80, Backbone = new() { Depth = depth } }, seed: 1);
        var inputs = depth == 18 ? 128 + 256 + 512 : 512 + 1024 + 2048;
        long pyramid = inputs * 256 + 3 * 256 + 5 * (256 * 256 * 9 + 256);
        long towers = 8 * (256 * 256 * 9 + 256 + 2 * 256);
        long predictors = (80 + 4 + 1) * (256 * 9 + 1);

        var count = detector.parameters().Sum(parameter => parameter.numel());

        Assert.Equal(trunk + pyramid + towers + predictors + 5, count);
    }

    [Fact]
    public void Half_the_width_has_about_a_quarter_of_the_backbone()
    {
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { Width = 32 } }, seed: 1);

        var ofBackbone = detector.named_parameters().Where(entry => entry.name.StartsWith("backbone.", StringComparison.Ordinal));
        var count = ofBackbone.Sum(entry => entry.parameter.numel());

        Assert.InRange(count, 11_176_512 / 4, 11_176_512 / 3.9);
    }

    [Fact]
    public void Every_parameter_gets_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector(Small, seed: 1);
        detector.train();

        var sum = zeros(1);
        foreach (var level in detector.Predict(new TracedTensor(rand(2, 3, 128, 128) * 255)))
            sum += level.ClassLogits.Value.sum() + level.Distances.Value.sum() + level.Centerness.Value.sum();
        sum.backward();

        Assert.All(detector.named_parameters(), entry => Assert.False(entry.parameter.grad is null, entry.name));
    }

    [Fact]
    public void Frozen_batch_norm_has_no_parameters_and_does_not_move_in_training()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { Norm = Norm.FrozenBatch } }, seed: 1);
        detector.train();

        detector.Predict(new TracedTensor(rand(2, 3, 64, 64) * 255));

        Assert.DoesNotContain(detector.named_parameters(), entry => entry.name.StartsWith("backbone.bn1", StringComparison.Ordinal));
        Assert.True(detector.state_dict()["backbone.bn1.running_mean"].eq(0).all().item<bool>());
    }

    [Fact]
    public void Batch_norm_moves_its_statistics_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { Norm = Norm.Batch } }, seed: 1);
        var mean = detector.state_dict()["backbone.bn1.running_mean"];

        detector.eval();
        detector.Predict(new TracedTensor(rand(2, 3, 64, 64) * 255));
        Assert.True(mean.eq(0).all().item<bool>());

        detector.train();
        detector.Predict(new TracedTensor(rand(2, 3, 64, 64) * 255));
        Assert.False(mean.eq(0).all().item<bool>());
    }

    [Fact]
    public void Norm_layers_start_with_scale_one_and_shift_zero()
    {
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { Norm = Norm.Group() } }, seed: 1);
        var norms = detector.modules().OfType<NormLayer>().ToList();

        Assert.NotEmpty(norms);
        Assert.All(norms, norm => Assert.True(norm.state_dict()["weight"].eq(1).all().item<bool>()));
        Assert.All(norms, norm => Assert.True(norm.state_dict()["bias"].eq(0).all().item<bool>()));
    }

    [Fact]
    public void Zero_init_makes_the_last_scale_of_each_block_zero()
    {
        using var detector = new FcosDetector(Small with { Backbone = Resnet18 with { ZeroInitResidual = true } }, seed: 1);
        var state = detector.state_dict();

        Assert.True(state["backbone.layer1.0.bn2.weight"].eq(0).all().item<bool>());
        Assert.True(state["backbone.layer1.0.bn1.weight"].eq(1).all().item<bool>());
    }

    [Theory]
    [InlineData(64, 32)]
    [InlineData(96, 32)]
    [InlineData(48, 24)]
    [InlineData(20, 20)]
    [InlineData(37, 1)]
    public void Group_count_is_the_largest_divisor_within_the_limit(int channels, int groups) => Assert.Equal(groups, Norm.Group(32).GroupsFor(channels));

    [Fact]
    public void Wrong_options_are_all_named_in_one_message()
    {
        var options = new FcosOptions { CategoryCount = 0, Backbone = new() { Depth = 33 }, PixelMean = [1], TowerDepth = -1 };

        var fault = Assert.Throws<InvalidInputException>(() => new FcosDetector(options, seed: 1));

        Assert.Equal(
            "Detector options: CategoryCount is 0; allowed: 1 or more. Backbone.Depth is 33; allowed: 18, 34, 50 or 101. PixelMean is 1; allowed: three numbers. "
                + "TowerDepth is -1; allowed: 0 or more.",
            fault.Message);
    }

    [Fact]
    public void Detect_leaves_three_tensors_alive()
    {
        using var detector = new FcosDetector(Small, seed: 1);
        detector.eval();
        using var images = rand(1, 3, 64, 64) * 255;
        using var mode = inference_mode();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var output = detector.Detect(new(new TracedTensor(images)));

        Assert.Equal(before + 3, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        output.Boxes.Value.Dispose();
        output.Scores.Value.Dispose();
        output.Labels.Value.Dispose();
    }
}
