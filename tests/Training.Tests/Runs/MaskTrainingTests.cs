using Serve.Eval;
using Serve.Training.Recipes;
using static Serve.Training.Runs.TinyTraining;

namespace Serve.Training.Runs;

public sealed class MaskTrainingTests
{
    private static readonly Recipe Mask = RecipeOverrides.Apply(MaskRcnn.R18Small,
    [
        "name=tiny", "augmentation.width=96", "augmentation.height=96", "detector.backbone.width=16", "detector.neck.channels=32", "detector.boxHead.width=64",
        "detector.mask.channels=16", "detector.mask.convolutions=1", "detector.proposals.preNmsTrain=200", "detector.proposals.postNmsTrain=100",
        "detector.proposals.preNmsTest=200", "detector.proposals.postNmsTest=50", "detector.proposals.samples=64", "detector.roiSamples=32", "batchSize=4", "epochs=2",
        "evaluateEveryEpochs=1", "schedule.warmupSteps=1",
    ]);

    [Fact]
    public async Task Log_progress_page_and_passport_have_both_protocols()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Mask };
        var told = new List<string>();

        await Run(request, onProgress: progress => told.AddRange(progress.Evaluations?.Select(report => report.Protocol) ?? []));

        string[] both = ["coco-bbox", "coco-segm"];
        Assert.Equal([.. both, .. both], told);
        var log = MetricsLog.Read(Path.Combine(request.Out, "metrics.jsonl")).ToList();
        Assert.Equal([.. both, .. both], log.Where(line => line.Event == MetricsLog.Evaluation).Select(line => line.Protocol));
        Assert.Equal([.. both, .. both], log.Where(line => line.Event == MetricsLog.Categories).Select(line => line.Protocol));
        var metrics = RunFolder.Open(request.Out).BuildPassport("masks", 1, CheckpointKind.Last, multiplyAdds: 1).Provenance!.Metrics;
        Assert.Equal(both, metrics.Select(one => one.Protocol));
        Assert.Equal(log.Last(line => line is { Event: MetricsLog.Evaluation, Protocol: "coco-segm" }).Numbers, metrics[1].Values);
        Assert.Contains("coco-segm: each evaluation", await File.ReadAllTextAsync(Path.Combine(request.Out, "run.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validation_object_without_a_mask_is_told_before_the_first_step()
    {
        using var folder = TestFiles.NewFolder();
        var request = Request(folder, images: 4) with { Recipe = Mask };
        var file = Path.Combine(request.Data.Path, "annotations", "instances_val.json");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var (start, end) = (text.IndexOf(",\"segmentation\"", StringComparison.Ordinal), text.IndexOf("]]", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, text.Remove(start, end + 2 - start), TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Run(request));

        Assert.Equal("data/val: annotation id 1 has no segmentation; evaluation of masks needs polygons or run lengths of every object.", fault.Message);
        Assert.False(Directory.Exists(request.Out));
    }
}
