using Serve.Training.Recipes;

namespace Serve.Training.Runs;

/// <summary>A training of seconds: the smallest detector, a few generated pictures of 96 x 96.</summary>
internal static class TinyTraining
{
    public static Recipe Tiny { get; } = RecipeOverrides.Apply(FcosR18Gn.Recipe,
    [
        "name=tiny", "augmentation.width=96", "augmentation.height=96", "detector.neck.channels=32", "detector.towerDepth=1",
        "batchSize=2", "epochs=3", "evaluateEveryEpochs=2", "schedule.warmupSteps=2", "averageDecay=0.9",
    ]);

    public static TrainingRequest Request(TemporaryFolder folder, int images) => new()
    {
        Recipe = Tiny,
        Data = GeneratedRectangles.Write(folder.File("data"), images, seed: 1),
        Out = folder.File("run"),
        Device = "cpu",
        LogEverySteps = 1,
    };

    public static async Task<TrainingResult> Run(TrainingRequest request, long stopAfterStep = long.MaxValue, Action<TrainingProgress>? onProgress = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        return await TrainingLoop.RunAsync(request, new Observer(Observe), TimeProvider.System, stop.Token);

        void Observe(TrainingProgress progress)
        {
            onProgress?.Invoke(progress);
            if (progress.Step >= stopAfterStep)
                stop.Cancel();
        }
    }

    /// <summary>Unlike <see cref="Progress{T}"/> it calls at once, on the loop's own thread.</summary>
    private sealed class Observer(Action<TrainingProgress> observe) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => observe(value);
    }
}
