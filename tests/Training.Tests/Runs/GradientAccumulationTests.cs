using Serve.Training.Data;
using Serve.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class GradientAccumulationTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Parts_give_the_gradient_and_losses_of_the_whole_batch_where_losses_are_means_of_images(int parts)
    {
        using var scope = NewDisposeScope();
        using MeanDetector whole = new(), divided = new();
        var input = new TrainingInput(rand(4, 3, 8, 8), [.. Enumerable.Range(0, 4).Select(_ => new DetectionTargets(zeros(0, 4), zeros(0, int64), zeros(0, 4)))], Seed: 5);

        var expected = GradientAccumulation.Backward(whole, input, parts: 1, new(TimeProvider.System));
        var losses = GradientAccumulation.Backward(divided, input, parts, new(TimeProvider.System));

        Assert.Equal(expected.Total.item<float>(), losses.Total.item<float>(), 1e-6);
        Assert.Equal(expected.Parts["mean"].item<float>(), losses.Parts["mean"].item<float>(), 1e-6);
        Assert.Equal(4.0 / parts, losses.Observations["images"].item<float>(), 1e-6);
        Assert.True(allclose(whole.Weight.grad!, divided.Weight.grad!, rtol: 1e-6));
    }

    [Fact]
    public void Each_part_has_its_own_seed()
    {
        using var scope = NewDisposeScope();
        using var detector = new MeanDetector();
        var input = new TrainingInput(rand(2, 3, 8, 8), [.. Enumerable.Range(0, 2).Select(_ => new DetectionTargets(zeros(0, 4), zeros(0, int64), zeros(0, 4)))], Seed: 5);

        GradientAccumulation.Backward(detector, input, parts: 2, new(TimeProvider.System));

        Assert.Equal(2, detector.Seeds.Distinct().Count());
    }

    [Fact]
    public void Only_the_returned_scalars_stay_alive()
    {
        using var scope = NewDisposeScope();
        using var detector = new MeanDetector();
        var input = new TrainingInput(rand(2, 3, 8, 8), [.. Enumerable.Range(0, 2).Select(_ => new DetectionTargets(zeros(0, 4), zeros(0, int64), zeros(0, 4)))], Seed: 5);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        GradientAccumulation.Backward(detector, input, parts: 2, new(TimeProvider.System));

        Assert.Equal(before + 3, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private sealed class MeanDetector : Detector
    {
        private readonly Parameter weight = new(ones(1) * 0.5);

        public MeanDetector() : base(nameof(MeanDetector)) => RegisterComponents();

        public Parameter Weight => weight;

        public List<long> Seeds { get; } = [];

        public override DetectorLosses Loss(TrainingInput input)
        {
            Seeds.Add(input.Seed);
            using var scope = NewDisposeScope();
            var mean = (input.Images * weight).square().mean().MoveToOuterDisposeScope();
            return new(mean.alias().MoveToOuterDisposeScope(), new Dictionary<string, Tensor> { ["mean"] = mean })
            {
                Observations = new Dictionary<string, Tensor> { ["images"] = tensor((float)input.Targets.Count).MoveToOuterDisposeScope() },
            };
        }

        public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default) => throw new NotSupportedException();
    }
}
