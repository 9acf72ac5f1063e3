using Serve.Eval.Datasets;
using Serve.Training.Recipes;
using Serve.Training.Runs;

namespace Serve.Training.Tests.Acceptance;

/// <summary>A cascade that was trained for five passes over the blood cells: less than it can learn, but enough for what tells stages and pipelines apart.</summary>
public sealed class TrainedCascade : IDisposable
{
    private readonly TemporaryFolder folder = TestFiles.NewFolder();
    private Task<RunFolder>? training;

    /// <summary>The dataset; the test is skipped where it is not beside the clone.</summary>
    public static DatasetFolder Data => DatasetFolder.Open(TestFiles.Shared("data/bccd"));

    /// <summary>The run; the first call trains it.</summary>
    public Task<RunFolder> RunAsync() => training ??= TrainAsync();

    /// <summary>Path of a file beside the run.</summary>
    public string File(string name) => folder.File(name);

    /// <inheritdoc/>
    public void Dispose() => folder.Dispose();

    private async Task<RunFolder> TrainAsync()
    {
        var request = new TrainingRequest
        {
            Recipe = RecipeOverrides.Apply(CascadeRcnn.R18Small,
            [
                "detector.backbone.width=32", "augmentation.width=256", "augmentation.height=192", "augmentation.verticalFlip=0.5", "augmentation.scale=0.75,1.35",
                "epochs=5", "evaluateEveryEpochs=5",
            ]),
            Data = Data,
            Out = folder.File("run"),
            Device = "cpu",
            Threads = 1,
        };
        await TinyTraining.Run(request);
        return RunFolder.Open(request.Out);
    }
}
