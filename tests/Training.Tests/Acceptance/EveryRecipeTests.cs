using System.Globalization;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Recipes;
using Serve.Training.Runs;

namespace Serve.Training.Tests.Acceptance;

/// <summary>The way of a user, with every recipe there is: trained, interrupted and resumed, published after the parity check, and evaluated through the server's pipeline.</summary>
public sealed class EveryRecipeTests
{
    private const int Steps = 60;

    public static TheoryData<string> Names => [.. RecipeCatalogue.All.Select(recipe => recipe.Name)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [MemberData(nameof(Names))]
    public async Task Recipe_trains_resumes_exports_and_is_served_when_it_is_small(string name)
    {
        using var folder = TestFiles.NewFolder();
        var data = FewPictures.Write(folder.File("data"), "data/dried-fruit", count: 4);
        var request = new TrainingRequest { Recipe = Small(RecipeCatalogue.Find(name)), Data = data, Out = folder.File("run"), Device = "cpu", Threads = 1, LogEverySteps = 10 };

        await TinyTraining.Run(request with { Out = folder.File("whole") });
        var interrupted = await TinyTraining.Run(request, stopAfterStep: Steps / 2);
        await TinyTraining.Run(request);
        var run = RunFolder.Open(request.Out);
        var published = await PublishAsync(run, data, folder.File("models"));

        Assert.Equal((TrainingOutcome.Interrupted, Steps / 2), (interrupted.Outcome, (int)interrupted.Step));
        Assert.Equal(await LastOf(RunFolder.Open(folder.File("whole"))), await LastOf(run));
        await AssertServed(run, published, data, CocoProtocol.BoundingBox, MetricsLog.BoxProtocol);
        if (run.Recipe.Detector.LearnsMasks)
            await AssertServed(run, published, data, CocoProtocol.Masks, MetricsLog.MaskProtocol);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {published.Parity}");

        static Task<byte[]> LastOf(RunFolder of) => File.ReadAllBytesAsync(of.CheckpointPath(CheckpointKind.Last), Token);
    }

    // Everything of the recipe but its size and its rates, which are for large batches.
    private static Recipe Small(Recipe recipe)
    {
        var small = recipe.Shrunk();
        return small with
        {
            Detector = small.Detector with { Backbone = small.Detector.Backbone with { Width = 16 } },
            Augmentation = small.Augmentation with { Width = 128, Height = 96, ShortSides = [96], LongSide = 128 },
            BatchSize = 4,
            Steps = Steps,
            EvaluateEveryEpochs = Steps,
            Optimizer = small.Optimizer with { LearningRate = small.Optimizer.Kind == OptimizerKind.AdamW ? 2e-3 : 0.01, ReferenceBatch = null, ClipNorm = 10 },
            Schedule = small.Schedule with { WarmupSteps = 10 },
        };
    }

    private static async Task<PublishedModel> PublishAsync(RunFolder run, DatasetFolder data, string models)
    {
        var dataset = await data.ReadAsync("val", AnnotationParts.Boxes, ct: Token);
        Picture[] pictures = [.. dataset.Images.Select(image => PictureDecoder.DecodeFile(data.ImagePath(image), new PictureLimits()))];
        using var detector = run.LoadDetector(CheckpointKind.Last);
        return await ModelPublisher.PublishAsync(detector, run.BuildPassport("every", 1, CheckpointKind.Last, multiplyAdds: 1), pictures, models, Token);
    }

    private static async Task AssertServed(RunFolder run, PublishedModel published, DatasetFolder data, CocoProtocol protocol, string name)
    {
        var trained = MetricsLog.EvaluationAt(run.MetricsPath, Steps, name)!;
        var dataset = await data.ReadAsync("val", protocol.Parts, ct: Token);
        await using var model = DetectionModel.Load(published.Folder, "cpu");
        var found = await DatasetDetection.DetectAsync(model, data, dataset, 0, dataset.Images.Count, protocol.DetectionsPerImage, protocol.Parts, progress: null, Token);
        var served = Evaluator.Evaluate(dataset, found, protocol, ct: Token).Summary.ToDictionary(number => number.Name, number => number.Value ?? -1);

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Recipe.Name}, {name}: AP50 {trained["AP50"]:F4}, AP {trained["AP"]:F4}; served AP {served["AP"]:F4}"));
        Assert.Equal(trained["AP"], served["AP"], 1e-3);
    }
}
