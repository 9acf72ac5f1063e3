using Serve.Training.Models;
using Serve.Training.Models.Dense;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Tests.Models.Rcnn;
using Serve.Training.Tracing;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models;

public sealed class PyramidDetectorTests
{
    public static TheoryData<string, string[]> Detectors => new()
    {
        { "fcos", ["backbone", "pyramid", "head"] },
        { "dense", ["backbone", "pyramid", "head"] },
        { "rcnn", ["backbone", "pyramid", "proposals", "heads"] },
    };

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Keys_are_the_pixels_then_those_of_each_part_behind_its_name(string kind, string[] parts)
    {
        using var scope = NewDisposeScope();
        var options = Options(kind);
        using var detector = options.Create(1);
        using var init = new Initialisation(1);
        using var backbone = options.Backbone.Create(init);
        using var neck = options.Neck.Create(backbone.Channels, init);

        string[] keys = [.. detector.state_dict().Keys];

        Assert.Equal(["pixel_mean", "pixel_scale"], keys.Where(key => !key.Contains('.', StringComparison.Ordinal)).Order());
        Assert.Equal(parts, keys.Where(key => key.Contains('.', StringComparison.Ordinal)).Select(Part).Distinct());
        Assert.Equal(parts, detector.named_parameters().Select(entry => Part(entry.name)).Distinct());
        Assert.Equal(backbone.state_dict().Keys.Select(key => $"backbone.{key}"), keys.Where(key => Part(key) == "backbone"));
        Assert.Equal(neck.state_dict().Keys.Select(key => $"pyramid.{key}"), keys.Where(key => Part(key) == "pyramid"));

        static string Part(string key) => key.Split('.')[0];
    }

    [Fact]
    public void Weights_and_pixels_follow_to_another_type()
    {
        using var scope = NewDisposeScope();
        using var detector = new FcosDetector((FcosOptions)Options("fcos"), seed: 1);
        detector.eval();
        var images = rand(1, 3, 64, 64) * 255;
        var expected = detector.Predict(new TracedTensor(images))[0].ClassLogits.Value;

        detector.to(ScalarType.Float64);
        var actual = detector.Predict(new TracedTensor(images.to(float64)))[0].ClassLogits.Value;

        Assert.Equal(ScalarType.Float64, actual.dtype);
        Assert.True(allclose(expected.to(float64), actual, rtol: 1e-3, atol: 1e-4));
    }

    [Fact]
    public void Shifted_thresholds_are_those_of_every_kind_and_the_iou_stays_one()
    {
        var shifted = (DenseOptions)(Options("dense") with { ScoreThreshold = 0.25, NmsIouThreshold = 0.75 }).Shifted(new(Candidate: 0.125, Suppression: 0.5));

        Assert.Equal((0.375, 1), (shifted.ScoreThreshold, shifted.NmsIouThreshold));
    }

    private static DetectorOptions Options(string kind) => kind switch
    {
        "fcos" => new FcosOptions { CategoryCount = 2 }.Shrunk(),
        "dense" => new DenseOptions { CategoryCount = 2, Backbone = new() { Depth = 18 } }.Shrunk(),
        _ => TinyRcnn.Options,
    };
}
