using Serve.Training.Data;
using Serve.Training.Optimization;
using Serve.Training.Recipes;
using Serve.Training.Runs;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Bench;

/// <summary>Steps of training as the loop takes them, on one batch of noise with a few objects, so that nothing but the step is measured.</summary>
internal sealed class SyntheticStep : IDisposable
{
    private const int Objects = 8;

    private readonly CollectorPause pause = CollectorPause.Begin();
    private readonly Recipe recipe;
    private readonly TrainingState state;
    private readonly TrainingBatch batch;

    public SyntheticStep(Recipe recipe, int side, int images)
    {
        manual_seed(1);
        // Frozen layers of random weights are no training, but cost what those of trained ones cost.
        (this.recipe, state) = (recipe, TrainingState.Create(recipe, CPU));
        batch = new(0, (rand(images, 3, side, side) * 255).DetachFromDisposeScope(), [.. Enumerable.Range(0, images).Select(image => Targets(new Random(image), side))], new long[images]);
    }

    /// <summary>Takes a step.</summary>
    public void Run(StepTimes times)
    {
        using (NewDisposeScope())
        {
            times.Start();
            state.Optimizer.ZeroGradients();
            GradientAccumulation.Backward(state.Detector, new(batch.Images, batch.Targets, state.Step), 1, times);
            GradientStep.Apply(state.Optimizer, recipe.Optimizer);
            state.Optimizer.Step(1e-5);
            state.Averaging.Update(state.Step);
            state.Step++;
            times.Mark(StepTimes.Optimizer);
            times.End();
        }

        pause.Between();
    }

    public void Dispose()
    {
        batch.Dispose();
        state.Dispose();
        pause.Dispose();
    }

    private DetectionTargets Targets(Random random, int side)
    {
        var boxes = new List<long>();
        for (var i = 0; i < Objects; i++)
        {
            var (width, height) = (random.Next(side / 16, side / 2), random.Next(side / 16, side / 2));
            var (x, y) = (random.Next(0, side - width), random.Next(0, side - height));
            boxes.AddRange([x, y, width, height]);
        }

        var windows = tensor(boxes.ToArray(), [Objects, 4], int64);            // x, y, width, height
        var corners = cat([windows.narrow(1, 0, 2), windows.narrow(1, 0, 2) + windows.narrow(1, 2, 2)], dim: 1).to(float32);
        var labels = tensor(Enumerable.Range(0, Objects).Select(_ => (long)random.Next(recipe.Detector.CategoryCount)).ToArray());
        var areas = windows.select(1, 2) * windows.select(1, 3);
        var masks = recipe.Detector.LearnsMasks ? new InstanceMasks(ones(areas.sum().item<long>(), uint8), windows, areas.cumsum(0) - areas) : null;
        return new DetectionTargets(corners, labels, zeros(0, 4)) { Masks = masks, Valid = (side, side) }.DetachFromDisposeScope();
    }
}
