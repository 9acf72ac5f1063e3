using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;
using Serve.Client;

namespace Serve.Api.Tests.Clients;

/// <summary>
/// The client that is generated from the OpenAPI document (NSwag), against a real server. Each answer is also held to the whole document: a member, a status or a media
/// type that it does not tell of fails the test.
/// </summary>
public sealed class GeneratedClientTests : OwnServer
{
    private DocumentedAnswers _answers = null!;
    private ServeClient _client = null!;

    private protected override async Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestModel.WriteWithMasks(Folder.File("models"), "masked", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), images: 6, masks: true);
        var server = await ServeApplication.StartAsync(Folder.Path, ("Serve:ShardImages", "2"), ("Serve:DefaultModel", "shapes"));
        _answers = new DocumentedAnswers(JsonNode.Parse(await server.Client.GetStringAsync("/openapi/v1.json", Token))!);
        _client = new ServeClient(new HttpClient(_answers) { BaseAddress = server.Client.BaseAddress });
        return server;
    }

    [Fact]
    public async Task Detects_on_a_picture()
    {
        var answer = await _client.DetectAsync(new MemoryStream(TestPictures.Png(1, 64, 48)), model: "shapes", score: 0.01, max: 2, cancellationToken: Token);

        Assert.Equal(("shapes", 1, "cpu"), (answer.Model, answer.Version, answer.Device));
        var image = Assert.Single(answer.Images);
        Assert.Equal((64, 48), (image.Width, image.Height));
        Assert.Equal(2, image.Detections.Count);
        Assert.All(image.Detections, detection => Assert.True(detection.Box.X2 > detection.Box.X1 && detection.Score is > 0 and <= 1 && detection.Category is "light" or "dark"));
    }

    [Theory]
    [InlineData("rle", JsonValueKind.Object)]
    [InlineData("polygons", JsonValueKind.Array)]
    public async Task Detects_masks_in_both_forms(string masks, JsonValueKind kind)
    {
        var answer = await _client.DetectAsync(new MemoryStream(TestPictures.Png(1, 64, 48)), model: "masked", score: 0.01, masks: masks, cancellationToken: Token);

        Assert.All(answer.Images[0].Detections, detection => Assert.Equal(kind, Assert.IsType<JsonElement>(detection.Mask).ValueKind));
    }

    [Fact]
    public async Task Evaluates_a_model_and_follows_it_over_a_lost_connection_to_the_report()
    {
        var asked = await _client.CreateEvaluationAsync(new EvaluationRequest { Dataset = "tiny", Split = "test", Model = "shapes" }, idempotency_Key: "nightly-1", cancellationToken: Token);
        var again = await _client.CreateEvaluationAsync(new EvaluationRequest { Dataset = "tiny", Split = "test", Model = "shapes" }, idempotency_Key: "nightly-1", cancellationToken: Token);

        // The connection is lost after the first event.
        var first = await EventsAsync(asked.Id, after: null).FirstAsync(Token);
        var rest = await EventsAsync(asked.Id, after: first.Id).ToListAsync(Token);
        var over = await Assert.ThrowsAsync<ApiException>(() => _client.GetEvaluationEventsAsync(asked.Id, rest[^1].Id, Token));

        Assert.Equal(asked.Id, again.Id);
        Assert.Equal(EvaluationState.Queued, asked.State);
        Assert.True(rest[0].Id > first.Id);
        Assert.Contains(rest, item => item.Event.ShardsDone is > 0);
        Assert.Equal((EvaluationState.Done, 1), (rest[^1].Event.State, rest[^1].Event.Progress));
        Assert.Equal(204, over.StatusCode);

        var done = await _client.GetEvaluationAsync(asked.Id, Token);
        var report = await _client.GetEvaluationReportAsync(asked.Id, cancellationToken: Token);
        Assert.Equal((EvaluationState.Done, 6), (done.State, report.Images));
        Assert.Equal(report.Stats, done.Report!.Stats);
        Assert.Equal("AP", report.StatsNames[0]);
        Assert.Equal(["light", "dark"], report.PerCategory.Select(category => category.Name));
        Assert.Equal(SizeMeasure.Area, report.Parameters.AreaRanges[0].Measure);
        Assert.NotEmpty(report.Intervals!.Estimates);
    }

    [Fact]
    public async Task Submits_detections_and_compares_them()
    {
        var right = await EvaluateAsync(new EvaluationRequest { Dataset = "tiny", Split = "test", Detections = [.. Truth(shift: 0)] });
        var shifted = await EvaluateAsync(new EvaluationRequest { Dataset = "tiny", Split = "test", Detections = [.. Truth(shift: 4)] });

        var comparison = await _client.CreateComparisonAsync(
            new ComparisonRequest { Evaluations = [right.Id, shifted.Id], Names = ["right", "shifted"], Metrics = ["AP"], Resamples = 100, Permutations = 100, Images = 3 }, cancellationToken: Token);
        var read = await _client.GetComparisonAsync(comparison.Id, cancellationToken: Token);

        Assert.Equal(1, right.Report!.Stats![0], 12);
        var numbers = Assert.Single(read.Comparison!.Numbers, number => number.CategoryId is null);
        Assert.Equal(["right", "shifted"], numbers.Results.Select(result => result.Result));
        var difference = Assert.Single(numbers.Differences);
        Assert.True(difference.Difference.Value > 0);
        Assert.Equal(IntervalMethod.Centred, difference.Difference.Interval!.Method);
        Assert.Equal(comparison.Evaluations.Select(evaluation => evaluation.Id), read.Evaluations.Select(evaluation => evaluation.Id));
        Assert.Contains((await _client.ListComparisonsAsync(cancellationToken: Token)).Comparisons, listed => listed.Id == comparison.Id);
    }

    [Fact]
    public async Task Masks_are_submitted_as_run_lengths_and_as_polygons()
    {
        var masks = await EvaluateAsync(new EvaluationRequest
        {
            Dataset = "tiny",
            Split = "test",
            Protocol = "coco-segm",
            Detections =
            [
                .. Truth(shift: 0).Select(truth => new CocoDetection
                {
                    Image_id = truth.Image_id, Category_id = truth.Category_id, Score = truth.Score, Bbox = truth.Bbox, Segmentation = new[] { Corners(truth.Bbox!) },
                }),
            ],
        });

        Assert.Equal(1, masks.Report!.Stats![0], 12);
    }

    [Fact]
    public async Task Puts_a_dataset_on_the_server_and_reads_what_it_holds()
    {
        TestDataset.WriteOne(Folder.File("uploaded"), images: 3);

        var put = await _client.PutDatasetAsync("mine", new MemoryStream(TestArchives.ZipOf(Folder.File("uploaded"))), visibility: "private", description: "three", cancellationToken: Token);
        var statistics = await _client.GetDatasetStatisticsAsync("mine", Token);
        var versions = await _client.ListDatasetVersionsAsync("mine", Token);

        Assert.Equal((1, DatasetVisibility.Private, DatasetOrigin.Upload, "three"), (put.Version, put.Visibility, put.Source, put.Description));
        Assert.Equal(3, Assert.Single(statistics.Splits).Images);
        Assert.True(Assert.Single(versions.Versions).IsCurrent);
        Assert.Equal(DatasetVisibility.Public, (await _client.ChangeDatasetAsync("mine", new DatasetChange { Visibility = "public" }, Token)).Visibility);
        await _client.DeleteDatasetAsync("mine", Token);
        Assert.DoesNotContain((await _client.ListDatasetsAsync(Token)).Datasets, dataset => dataset.Name == "mine");
    }

    [Fact]
    public async Task Refusals_are_typed_problem_documents()
    {
        var unknown = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => _client.DetectAsync(new MemoryStream([1]), model: "nothing", cancellationToken: Token));
        var damaged = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => _client.DetectAsync(new MemoryStream([1, 2, 3, 4]), cancellationToken: Token));
        var faults = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => _client.CreateEvaluationAsync(
            new EvaluationRequest { Dataset = "nowhere", Model = "nothing", Protocol = "none" }, cancellationToken: Token));
        var broken = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => _client.PutDatasetAsync(
            "broken", new MemoryStream(TestArchives.Zip(("annotations/instances_test.json", """{"images":[{"id":1,"file_name":"a.png","width":8,"height":8}],"categories":[],"annotations":[{"id":1,"image_id":7,"category_id":3,"bbox":[0,0,1,1]}]}"""))),
            cancellationToken: Token));
        var reused = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(async () =>
        {
            await _client.CreateEvaluationAsync(new EvaluationRequest { Dataset = "tiny", Model = "shapes" }, idempotency_Key: "once", cancellationToken: Token);
            await _client.CreateEvaluationAsync(new EvaluationRequest { Dataset = "tiny", Model = "masked" }, idempotency_Key: "once", cancellationToken: Token);
        });

        Assert.Equal((404, 404), (unknown.StatusCode, unknown.Result.Status));
        Assert.Equal(["masked", "shapes"], unknown.Result.Models!.Order());
        Assert.Equal(415, damaged.StatusCode);
        Assert.Contains("image/png", damaged.Result.Supported!);
        Assert.Equal(400, faults.StatusCode);
        Assert.Equal(["dataset", "model", "protocol"], faults.Result.Errors!.Keys.Order());
        Assert.NotEmpty(broken.Result.Problems!);
        Assert.All(broken.Result.Problems!, problem => Assert.NotEmpty(problem.Fault));
        Assert.Equal(422, reused.StatusCode);
    }

    [Fact]
    public async Task Reads_everything_else_there_is_to_read()
    {
        var key = await _client.CreateKeyAsync(new KeyRequest { Name = "ann", Role = "submitter", Rate = new KeyRate { PerSecond = 5, Burst = 9 } }, Token);
        var unread = await Assert.ThrowsAsync<ApiException<ProblemDetails>>(() => _client.PutModelAsync("added", 1, new MemoryStream([1, 2, 3]), if_None_Match: "*", cancellationToken: Token));
        var loaded = await _client.LoadModelAsync("shapes", Token);

        Assert.Equal(("ann", Role.Submitter, 9), (key.Details.Name, key.Details.Role, key.Details.Rate!.Burst));
        Assert.NotNull((await _client.RevokeKeyAsync(key.Details.Id, Token)).RevokedAt);
        Assert.Single((await _client.ListKeysAsync(Token)).Keys);
        Assert.Contains((await _client.ListAuditAsync(cancellationToken: Token)).Entries, entry => entry.Method == "POST" && entry.Route.Contains("/v1/keys", StringComparison.Ordinal));
        Assert.Equal((422, true), (unread.StatusCode, unread.Result.Detail!.Contains("ONNX", StringComparison.Ordinal)));
        Assert.Equal(("shapes", ModelState.Ready), (loaded.Name, loaded.State));
        Assert.Equal(["masked", "shapes"], (await _client.ListModelsAsync(Token)).Models.Select(listed => listed.Name));
        Assert.NotNull((await _client.GetModelAsync("shapes", cancellationToken: Token)).Passport);
        await _client.DeleteModelVersionAsync("masked", 1, cancellationToken: Token);
        Assert.Contains((await _client.ListProtocolsAsync(Token)).Protocols, protocol => protocol.Name == "coco-bbox");
        Assert.Single((await _client.ListWorkersAsync(Token)).Workers);
        Assert.Equal("live", (await _client.LiveAsync(Token)).Status);
        Assert.Equal("ready", (await _client.ReadyAsync(Token)).Status);
    }

    private async Task<EvaluationDocument> EvaluateAsync(EvaluationRequest request)
    {
        var asked = await _client.CreateEvaluationAsync(request, cancellationToken: Token);
        await foreach (var _ in EventsAsync(asked.Id, after: null))
        {
        }
        var done = await _client.GetEvaluationAsync(asked.Id, Token);
        Assert.True(done.State == EvaluationState.Done, done.Error);
        return done;
    }

    private async IAsyncEnumerable<(long Id, EvaluationEvent Event)> EventsAsync(string evaluation, long? after)
    {
        using var answer = await _client.GetEvaluationEventsAsync(evaluation, after, Token);
        await foreach (var item in SseParser.Create(answer.Stream, (_, data) => JsonSerializer.Deserialize<EvaluationEvent>(data)!).EnumerateAsync(Token))
            if (item.EventId is { } id)
                yield return (long.Parse(id), item.Data);
    }

    /// <summary>The objects of the dataset as detections.</summary>
    private IEnumerable<CocoDetection> Truth(int shift)
        => JsonNode.Parse(File.ReadAllText(Folder.File("data/tiny/annotations/instances_test.json")))!["annotations"]!.AsArray().Select(truth => new CocoDetection
        {
            Image_id = (long)truth!["image_id"]!,
            Category_id = (long)truth["category_id"]!,
            Score = 0.9,
            Bbox = [(double)truth["bbox"]![0]! + shift, .. truth["bbox"]!.AsArray().Skip(1).Select(number => (double)number!)],
        });

    private static double[] Corners(IReadOnlyList<double> box)
        => [box[0], box[1], box[0] + box[2], box[1], box[0] + box[2], box[1] + box[3], box[0], box[1] + box[3]];
}
