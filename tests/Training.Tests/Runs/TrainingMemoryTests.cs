using Serve.Training.Data;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using TorchSharp;
using static Serve.Training.Runs.TinyTraining;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Tests that count all tensors of the process, so nothing may run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class TrainingMemoryTests
{
    [Fact]
    public async Task Steps_leave_no_tensors_behind()
    {
        using var folder = TestFiles.NewFolder();
        var counts = new List<long>();
        // What other tests left to the garbage collector would else be freed in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();

        await Run(Request(folder, images: 8) with { Recipe = Tiny with { Epochs = 6, EvaluateEveryEpochs = 6 } }, onProgress: _ => counts.Add(Tensor.TotalCount));

        // Batches that are prepared ahead come and go; 20 steps that each lost one tensor would show.
        Assert.InRange(counts[23] - counts[3], -12, 12);
    }

    /// <summary>One recipe for each way in which detectors are put together.</summary>
    public static TheoryData<string> Kinds =>
    [
        .. RecipeCatalogue.All.DistinctBy(recipe => (recipe.Detector.GetType(), recipe.Detector.LearnsMasks, recipe.Detector.Backbone.Kind, recipe.Detector.Neck.Kind)).Select(recipe => recipe.Name),
    ];

    public static TheoryData<string> Names => [.. RecipeCatalogue.All.Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Small_detector_of_each_kind_leaves_no_tensors_behind_in_its_steps(string name) => AssertFlat(name, steps: 30);

    [Theory(Explicit = true)]
    [MemberData(nameof(Names))]
    public void Small_detector_leaves_no_tensors_behind_in_two_thousand_steps(string name) => AssertFlat(name, steps: 2000);

    private static void AssertFlat(string name, int steps)
    {
        const int WarmUp = 10;
        // What other tests left to the garbage collector would else be freed in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var recipe = RecipeCatalogue.Find(name).Resolve(categories: 3).Shrunk();
        using var state = TrainingState.Create(recipe, CPU);
        using var images = (rand(recipe.BatchSize, 3, recipe.Augmentation.Height, recipe.Augmentation.Width) * 255).DetachFromDisposeScope();
        var targets = Enumerable.Range(0, recipe.BatchSize).Select(_ => Targets(recipe)).ToList();
        var counts = new List<(long Live, long All)>();
        for (var step = 0; step < WarmUp + steps; step++)
        {
            using (NewDisposeScope())
            {
                state.Optimizer.ZeroGradients();
                GradientAccumulation.Backward(state.Detector, new(images, targets, step), recipe.Accumulate, new(TimeProvider.System));
                GradientStep.Apply(state.Optimizer, recipe.Optimizer);
                state.Optimizer.Step(1e-4);
                state.Averaging.Update(step);
            }

            counts.Add((DisposeScopeManager.Statistics.ThreadTotalLiveCount, Tensor.TotalCount));
        }

        targets.ForEach(target => target.Dispose());
        Assert.Equal(counts[WarmUp].Live, counts[^1].Live);
        Assert.InRange(counts[^1].All - counts[WarmUp].All, -8, 8);
    }

    private static DetectionTargets Targets(Recipe recipe)
    {
        using var scope = NewDisposeScope();
        var masks = recipe.Detector.LearnsMasks ? new InstanceMasks(ones(48 * 40, uint8), tensor(new long[] { 8, 8, 48, 40 }).view(1, 4), zeros(1, int64)) : null;
        return new DetectionTargets(tensor(new float[] { 8, 8, 56, 48 }).view(1, 4), tensor(new long[] { 1 }), zeros(0, 4)) { Masks = masks }.DetachFromDisposeScope();
    }
}
