using Serve.Eval.Coco;
using Serve.Training.Data;
using Serve.Training.Models.Rcnn;
using Serve.Training.Recipes;
using Serve.Training.Runs;

namespace Serve.Training.Tests.Acceptance;

/// <summary>A detector that cannot learn four pictures by heart has a mistake in it; so has an export that does not find what it learnt.</summary>
public sealed class OverfitTests
{
    [Theory(Explicit = true)]
    [InlineData("faster-rcnn-r18-small", "data/bccd", 200)]
    [InlineData("mask-rcnn-r18-small", "data/dried-fruit", 150)]
    [InlineData("cascade-rcnn-r18-small", "data/bccd", 200)]
    [InlineData("fcos-r18-gn", "data/dried-fruit", 200)]
    [InlineData("retinanet-r18-small", "data/dried-fruit", 200)]
    [InlineData("atss-r18-small", "data/dried-fruit", 200)]
    [InlineData("universenet-small", "data/dried-fruit", 150)]
    [InlineData("adder-fcos-r18-small", "data/dried-fruit", 800)]
    public async Task Four_pictures_are_learnt_by_heart_and_the_export_has_the_same_precision(string name, string shared, int steps)
    {
        using var folder = TestFiles.NewFolder();
        var data = FewPictures.Write(folder.File("data"), shared, count: 4);
        var recipe = RecipeOverrides.Apply(RecipeCatalogue.Find(name),
        [
            "detector.backbone.width=16", "detector.neck.channels=48", "batchSize=4", $"steps={steps}", $"evaluateEveryEpochs={steps}", "schedule.warmupSteps=20", "averageDecay=0.98",
        ]) with
        { Augmentation = Augmentation.None(256, 192) };
        if (recipe.Detector is RcnnOptions { Mask: { } masks } options)
            recipe = recipe with { Detector = options with { RoiSamples = 64, Mask = masks with { Channels = 32 } } };
        if (recipe.Optimizer.Kind == OptimizerKind.AdamW)
            recipe = recipe with { Optimizer = recipe.Optimizer with { LearningRate = 2e-3 } };
        var request = new TrainingRequest { Recipe = recipe, Data = data, Out = folder.File("run"), Device = "cpu", Threads = 1, LogEverySteps = 50 };

        await TinyTraining.Run(request);

        var run = RunFolder.Open(request.Out);
        var trained = MetricsLog.EvaluationAt(run.MetricsPath, steps)!;
        var served = await ServedEvaluation.OfAsync(run, folder.File("model"), data, CocoProtocol.BoundingBox, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: AP50 {trained["AP50"]:F4}, AP {trained["AP"]:F4}; served AP {served["AP"]:F4}");
        Assert.InRange(trained["AP50"], 0.9, 1);
        Assert.Equal(trained["AP"], served["AP"], 1e-3);
        if (MetricsLog.EvaluationAt(run.MetricsPath, steps, MetricsLog.MaskProtocol) is { } ofMasks)
        {
            var servedMasks = await ServedEvaluation.OfAsync(run, folder.File("masks"), data, CocoProtocol.Masks, TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper!.WriteLine($"{name}: mask AP50 {ofMasks["AP50"]:F4}, AP {ofMasks["AP"]:F4}; served AP {servedMasks["AP"]:F4}");
            Assert.InRange(ofMasks["AP50"], 0.9, 1);
            Assert.Equal(ofMasks["AP"], servedMasks["AP"], 1e-3);
        }
    }
}
