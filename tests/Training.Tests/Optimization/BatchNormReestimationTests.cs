using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

public sealed class BatchNormReestimationTests
{
    [Fact]
    public async Task Statistics_are_those_of_all_values_of_the_batches()
    {
        using var detector = new NormDetector();
        Tensor[] images = [rand(2, 3, 4, 4) * 10, rand(2, 3, 4, 4) + 5, rand(2, 3, 4, 4) - 1];

        await BatchNormReestimation.RunAsync(detector, Inputs(images), TestContext.Current.CancellationToken);

        var all = cat(images).permute(1, 0, 2, 3).reshape(3, -1);      // [C, values]
        Assert.True(allclose(all.mean([1]), detector.State("running_mean"), rtol: 1e-5));
        Assert.True(allclose(all.var(1), detector.State("running_var"), rtol: 1e-4));
        Assert.False(detector.Norm.training);
        Assert.All(detector.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public async Task Statistics_stay_as_they_were_when_it_is_cancelled_or_there_is_no_batch()
    {
        using var detector = new NormDetector();
        using var before = detector.State("running_var").clone();
        using var stop = new CancellationTokenSource();

        await BatchNormReestimation.RunAsync(detector, Inputs([]), CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BatchNormReestimation.RunAsync(detector, Inputs([rand(2, 3, 4, 4)], stop), stop.Token));

        Assert.True(before.Equals(detector.State("running_var")));
        Assert.False(detector.Norm.training);
    }

    [Fact]
    public async Task Integrated_normalisation_normalises_with_all_levels_meanwhile()
    {
        using var detector = new LevelsDetector();
        var images = rand(2, 3, 4, 4) * 10;

        await BatchNormReestimation.RunAsync(detector, Inputs([images]), TestContext.Current.CancellationToken);

        var (fine, coarse) = (Rows(images), Rows(LevelsDetector.Coarse(images)));
        var all = cat([fine, coarse], 1);                              // [C, values]
        var (mean, deviation) = (all.mean([1]), all.var(1, unbiased: false).sqrt());
        var state = detector.state_dict();
        Assert.True(allclose(mean, state["levels.norm.running_mean"], rtol: 1e-5));
        Assert.True(allclose(all.var(1), state["levels.norm.running_var"], rtol: 1e-4));
        // The finest level alone has another mean than all of them.
        Assert.True(allclose((fine.mean([1]) - mean) / deviation, state["next.running_mean"], rtol: 1e-3, atol: 1e-5));

        static Tensor Rows(Tensor map) => map.permute(1, 0, 2, 3).reshape(3, -1);
    }

    private static async IAsyncEnumerable<TrainingInput> Inputs(IEnumerable<Tensor> images, CancellationTokenSource? stopAfterFirst = null)
    {
        foreach (var image in images)
        {
            await Task.Yield();
            yield return new(image, [new DetectionTargets(zeros(0, 4), zeros(0, int64), zeros(0, 4))], Seed: 1);
            if (stopAfterFirst is not null)
            {
                await stopAfterFirst.CancelAsync();
                stopAfterFirst.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private sealed class NormDetector : Detector
    {
        private readonly BatchNormLayer norm = new(3, momentum: 0.1, epsilon: 1e-5);

        public NormDetector() : base(nameof(NormDetector))
        {
            RegisterComponents();
            eval();
        }

        public BatchNormLayer Norm => norm;

        public Tensor State(string name) => norm.state_dict()[name];

        public override DetectorLosses Loss(TrainingInput input) => new(norm.call(new TracedTensor(input.Images)).Value.sum(), new Dictionary<string, Tensor>());

        public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default) => throw new NotSupportedException();
    }

    /// <summary>Two levels under one normalisation, and a layer that sees the first of them.</summary>
    private sealed class LevelsDetector : Detector
    {
        private readonly IntegratedNorm levels = new(3);
        private readonly BatchNormLayer next = new(3, momentum: 0.1, epsilon: 1e-5);

        public LevelsDetector() : base(nameof(LevelsDetector))
        {
            RegisterComponents();
            eval();
        }

        public static Tensor Coarse(Tensor images) => images[.., .., ..2, ..2] + 20;

        public override DetectorLosses Loss(TrainingInput input)
        {
            var maps = levels.call([new TracedTensor(input.Images), new TracedTensor(Coarse(input.Images))]);
            return new(next.call(maps[0]).Value.sum(), new Dictionary<string, Tensor>());
        }

        public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default) => throw new NotSupportedException();
    }
}
