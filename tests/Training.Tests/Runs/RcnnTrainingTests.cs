using Serve.Training.Data;
using Serve.Training.Recipes;
using static Serve.Training.Runs.TinyTraining;

namespace Serve.Training.Runs;

public sealed class RcnnTrainingTests
{
    private static readonly Recipe Faster = RecipeOverrides.Apply(FpnFasterMaskRcnn.FasterR18Small,
    [
        "name=tiny", "augmentation.width=96", "augmentation.height=96", "detector.backbone.width=16", "detector.neck.channels=32", "detector.boxHead.width=64",
        "detector.proposals.preNmsTrain=200", "detector.proposals.postNmsTrain=100", "detector.proposals.preNmsTest=200", "detector.proposals.postNmsTest=50",
        "detector.proposals.samples=64", "detector.roiSamples=32", "batchSize=4", "epochs=90", "evaluateEveryEpochs=90", "schedule.warmupSteps=5", "averageDecay=0.9",
        "optimizer.learningRate=2e-3",
    ]);

    [Fact]
    public async Task Faster_rcnn_learns_few_pictures_by_heart()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Faster with { Augmentation = Augmentation.None(96, 96) } };
        var totals = new List<double>();

        await Run(request, onProgress: progress => totals.AddRange(progress.Losses.Where(loss => loss.Key == "total").Select(loss => loss.Value)));

        Assert.True(totals[^1] < totals[0] / 3, $"the loss went from {totals[0]} to {totals[^1]}");
        var passport = RunFolder.Open(request.Out).BuildPassport("rectangles", 1, CheckpointKind.Best, multiplyAdds: 1);
        Assert.InRange(passport.Provenance!.Metrics.Single().Values["AP50"], 0.9, 1);
    }

    [Fact]
    public async Task Faster_rcnn_that_is_resumed_equals_one_that_ran_through()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 8) with { Recipe = Faster with { Epochs = 3, EvaluateEveryEpochs = 3 } };
        var whole = await Run(request with { Out = folder.File("whole") });

        var interrupted = await Run(request with { Out = folder.File("parts") }, stopAfterStep: 4);
        var resumed = await Run(request with { Out = folder.File("parts") });

        Assert.Equal((TrainingOutcome.Interrupted, 4L), (interrupted.Outcome, interrupted.Step));
        Assert.Equal(whole, resumed);
        var (left, right) = (Open("whole"), Open("parts"));
        foreach (var entry in left.Entries.Keys)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            Assert.True(left.Read(entry).Equals(right.Read(entry)), entry);
        }

        SafeTensorsFile Open(string run) => SafeTensorsFile.Open(folder.File($"{run}/checkpoints/last.safetensors"));
    }
}
