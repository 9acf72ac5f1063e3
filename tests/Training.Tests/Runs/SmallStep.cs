using Serve.Training.Data;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Steps of a recipe's small detector on noise with one object an image, as the training loop makes them but without reading data.</summary>
internal sealed class SmallStep : IDisposable
{
    private readonly CollectorPause pause = CollectorPause.Begin();
    private readonly Recipe recipe;
    private readonly TrainingState state;
    private readonly Tensor images;
    private readonly DetectionTargets[] targets;
    private int step;

    public SmallStep(string name)
    {
        recipe = RecipeCatalogue.Find(name).Resolve(categories: 3).Shrunk();
        state = TrainingState.Create(recipe, CPU);
        images = (rand(recipe.BatchSize, 3, recipe.Augmentation.Height, recipe.Augmentation.Width) * 255).DetachFromDisposeScope();
        targets = [.. Enumerable.Range(0, recipe.BatchSize).Select(_ => Target(recipe))];
    }

    /// <summary>Makes the next step.</summary>
    public void Run()
    {
        using (NewDisposeScope())
        {
            state.Optimizer.ZeroGradients();
            GradientAccumulation.Backward(state.Detector, new(images, targets, step), recipe.Accumulate, new(TimeProvider.System));
            GradientStep.Apply(state.Optimizer, recipe.Optimizer);
            state.Optimizer.Step(1e-4);
            state.Averaging.Update(step++);
        }

        pause.Between();
    }

    public void Dispose()
    {
        foreach (var target in targets)
            target.Dispose();
        images.Dispose();
        state.Dispose();
        pause.Dispose();
    }

    private static DetectionTargets Target(Recipe recipe)
    {
        using var scope = NewDisposeScope();
        var masks = recipe.Detector.LearnsMasks ? new InstanceMasks(ones(48 * 40, uint8), tensor(new long[] { 8, 8, 48, 40 }).view(1, 4), zeros(1, int64)) : null;
        return new DetectionTargets(tensor(new float[] { 8, 8, 56, 48 }).view(1, 4), tensor(new long[] { 1 }), zeros(0, 4)) { Masks = masks }.DetachFromDisposeScope();
    }
}
