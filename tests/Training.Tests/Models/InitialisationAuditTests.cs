using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models;

/// <summary>What a detector starts with when it is trained from random weights.</summary>
public sealed class InitialisationAuditTests
{
    private static readonly RcnnOptions Options = new()
    {
        CategoryCount = 3,
        Backbone = new() { Depth = 18, Width = 32, Norm = Norm.Group(32, exact: true) },
        Neck = new() { Channels = 64, Norm = Norm.Group(32, exact: true) },
        BoxHead = new() { Kind = BoxHeadKind.FourConvOneFc, Channels = 64, Width = 128, Norm = Norm.Group(32, exact: true) },
        Mask = new() { Channels = 64, Norm = Norm.Group(32, exact: true) },
        RoiSamples = 32,
        Sampling = 2,
    };

    [Fact]
    public void Nothing_is_frozen_and_nothing_depends_on_batches()
    {
        using var detector = new RcnnDetector(Options, seed: 1);

        Assert.All(detector.named_parameters(), entry => Assert.True(entry.parameter.requires_grad, entry.name));
        Assert.DoesNotContain(detector.state_dict().Keys, key => key.Contains("running", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_weight_has_the_deviation_of_its_fill_and_every_bias_is_zero()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var detector = new RcnnDetector(Options, seed: 1);

        foreach (var (name, parameter) in detector.named_parameters())
        {
            if (parameter.dim() == 1)
            {
                var isScale = name.EndsWith("weight", StringComparison.Ordinal);
                Assert.True(parameter.eq(isScale ? 1 : 0).all().item<bool>(), name);
            }
            else if (parameter.numel() > 5000)
                Assert.True(Math.Abs(parameter.std().item<float>() / Expected(name, parameter.shape) - 1) < 0.05, name);
        }
    }

    [Fact]
    public void Every_parameter_learns()
    {
        using var scope = NewDisposeScope();
        using var detector = new RcnnDetector(Options, seed: 1);

        detector.Loss(new(rand(2, 3, 128, 128) * 255, [TestMasks.LeftHalves([1], [8, 8, 70, 70]), TestMasks.LeftHalves([2, 0], [16, 4, 60, 124], [4, 4, 24, 24])], Seed: 1)).Total.backward();

        Assert.All(detector.named_parameters(), entry => Assert.True(entry.parameter.grad is { } gradient && gradient.ne(0).any().item<bool>(), entry.name));
    }

    private static double Expected(string name, long[] shape)
    {
        var window = shape[2..].Aggregate(1L, (product, side) => product * side);
        if (name.StartsWith("proposals.", StringComparison.Ordinal) || name.Contains("classes", StringComparison.Ordinal))
            return 0.01;
        if (name.Contains("deltas", StringComparison.Ordinal) || name.Contains("mask.head.0.predictor", StringComparison.Ordinal))
            return 0.001;
        return name.StartsWith("pyramid.", StringComparison.Ordinal) || name.Contains(".fc.", StringComparison.Ordinal)
            ? Math.Sqrt(1.0 / (shape[1] * window))
            : Math.Sqrt(2.0 / (shape[0] * window));
    }
}
