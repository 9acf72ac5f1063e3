using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;

namespace Serve.Api.Tests.Evaluation;

public sealed class IntervalTests : OwnServer
{
    private const int Images = 20;

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), Images);
        Directory.CreateDirectory(Folder.File("data/blank/annotations"));
        File.WriteAllText(Folder.File("data/blank/annotations/instances.json"), """{ "images": [], "categories": [ { "id": 1, "name": "light" } ], "annotations": [] }""");
        return ServeApplication.StartAsync(Folder.Path);
    }

    [Fact]
    public async Task A_report_has_the_intervals_of_the_command_and_what_ranks_it_is_kept()
    {
        var results = Results();

        var document = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "tiny", detections = results }));

        var dataset = await CocoDatasetReader.ReadAsync(Folder.File("data/tiny/annotations/instances_test.json"), AnnotationParts.Boxes, ct: Token);
        using var file = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(results));
        var evaluation = Evaluator.Evaluate(dataset, await CocoResults.ReadAsync(file, "results", AnnotationParts.Boxes, ct: Token), CocoProtocol.BoundingBox, ct: Token);
        var (intervals, headline) = Bootstrap.RunForRanks(evaluation, categories: EvaluatedCategories.Of(dataset, evaluation), ct: Token);
        var report = EvaluationReport.FromJson(document["report"]!.ToJsonString());
        Assert.Equal(intervals.Estimates, report.Intervals!.Estimates);
        Assert.Equal(Images, report.Intervals.Images);
        var score = await ScoreAsync((string)document["id"]!);
        Assert.Equal((headline!.Value, intervals["AP"].Interval!.Lower, intervals["AP"].Interval!.Upper), (score.Value, score.Lower, score.Upper));
        Assert.Equal(headline.ToBytes(), score.Samples);
        Assert.Equal(evaluation["AP50"], JsonDocument.Parse(score.Numbers).RootElement.GetProperty("AP50").GetDouble());
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(score.Numbers).RootElement.GetProperty("APl").ValueKind);
    }

    [Fact]
    public async Task Without_an_image_or_an_object_there_is_a_report_without_intervals()
    {
        var blank = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "blank", detections = Array.Empty<object>() }));
        var none = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "tiny", detections = Array.Empty<object>() }));

        Assert.True("done" == (string)blank["state"]!, blank.ToString());
        Assert.Null(blank["report"]!["intervals"]);
        Assert.Null((await ScoreAsync((string)blank["id"]!)).Samples);
        // No detection is a result, too: 0 in every resample.
        var score = await ScoreAsync((string)none["id"]!);
        Assert.Equal((0, 0, 0), (score.Value, score.Lower, score.Upper));
        Assert.All(NumberSamples.FromBytes(score.Samples).Resampled, value => Assert.Equal(0, value));
    }

    private static object[] Results() => [.. Enumerable.Range(0, Images).Select(i =>
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
        return new { image_id = i + 1, category_id = 1, bbox = new[] { x + (i % 3), y, w, h }, score = 0.9 - (i * 0.01) };
    })];

    private async Task<Serve.Api.Evaluation.Storage.ScoreRow> ScoreAsync(string id)
    {
        await using var db = await Server.Services.GetRequiredService<DatabaseFactory>().CreateDbContextAsync(Token);
        return await db.Scores.AsNoTracking().SingleAsync(row => row.EvaluationId == id, Token);
    }
}
