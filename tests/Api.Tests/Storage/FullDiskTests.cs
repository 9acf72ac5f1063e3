using System.Net;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Storage;

/// <summary>The disk of the workspace really fills up under a running server, and is given room again.</summary>
public class FullDiskTests
{
    private const int Images = 240;
    private const int Shard = 8;
    private static readonly (string, string)[] Settings = [("Serve:ShardImages", $"{Shard}"), ("Serve:MaxConcurrentJobs", "2")];

    [Fact]
    public async Task An_evaluation_goes_on_when_there_is_room_again_and_has_the_same_numbers()
    {
        using var folder = NewServerFolder();
        using var disk = SmallDisk.Mount(folder.File("workspace"), megabytes: 24);
        await using var server = await ServeProcess.StartAsync(folder.Path, Settings);
        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await server.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 3);

        disk.Fill();
        // Long enough for shards to end, and for the engine and the reconciler to meet the full disk.
        await Task.Delay(TimeSpan.FromSeconds(8), Token);
        var full = await server.Client.GetAsync(address, Token).JsonAsync();
        disk.Empty();
        var document = await server.Client.WaitUntilOverAsync(address);

        Assert.Equal("running", (string)full["state"]!);
        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(Images / Shard, (int)document["shards"]!["done"]!);
        var again = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));
        Assert.Equal(Images / Shard, (int)again["shards"]!["reused"]!);
        Assert.Equal(await ElsewhereAsync(), document.UndatedReport());
    }

    [Fact]
    public async Task Requests_that_need_room_are_507_and_leave_nothing_behind()
    {
        using var folder = NewServerFolder();
        using var disk = SmallDisk.Mount(folder.File("workspace"), megabytes: 24);
        await using var server = await ServeProcess.StartAsync(folder.Path, [.. Settings, ("ASPNETCORE_TEMP", disk.Folder)]);
        await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", detections = Detections(1) }));
        var before = await server.Client.GetAsync("/v1/evaluations", Token).JsonAsync();
        disk.Fill();

        var evaluation = await server.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", detections = Detections(Images) }, Token).ProblemAsync(HttpStatusCode.InsufficientStorage);
        using var form = new MultipartFormDataContent { { new StringContent("tiny"), "dataset" }, { JsonContent.Create(Detections(4000)), "detections", "results.json" } };
        var upload = await server.Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.InsufficientStorage);
        using var once = new HttpRequestMessage(HttpMethod.Post, "/v1/evaluations") { Headers = { { "Idempotency-Key", "once" } }, Content = JsonContent.Create(new { dataset = "tiny", detections = Detections(4000) }) };
        var keyed = await server.Client.SendAsync(once, Token).ProblemAsync(HttpStatusCode.InsufficientStorage);
        var dataset = await server.Client.PutAsync("/v1/datasets/cells", new ByteArrayContent(TestArchives.ZipOf(folder.File("data/tiny"))), Token).ProblemAsync(HttpStatusCode.InsufficientStorage);
        var list = await server.Client.GetAsync("/v1/evaluations", Token).JsonAsync();
        disk.Empty();

        Assert.Equal("The disk of the database is full.", evaluation.Detail());
        Assert.All([upload, keyed], problem => Assert.Contains("is full", problem.Detail()));
        Assert.Equal("The disk of the workspace is full; nothing was changed.", dataset.Detail());
        Assert.Equal(before.ToJsonString(), list.ToJsonString());
        var datasets = folder.File("workspace/datasets");
        Assert.Empty(Directory.Exists(datasets) ? Directory.GetFileSystemEntries(datasets) : []);
        // What was refused can be sent again, with the same text.
        using var again = new HttpRequestMessage(HttpMethod.Post, "/v1/evaluations") { Headers = { { "Idempotency-Key", "once" } }, Content = JsonContent.Create(new { dataset = "tiny", detections = Detections(4000) }) };
        using var accepted = await server.Client.SendAsync(again, Token);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("done", (string)(await server.Client.WaitUntilOverAsync(accepted.Headers.Location!))["state"]!);
        await server.Client.PutAsync("/v1/datasets/cells", new ByteArrayContent(TestArchives.ZipOf(folder.File("data/tiny"))), Token).JsonAsync(HttpStatusCode.Created);
    }

    private static TemporaryFolder NewServerFolder()
    {
        var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.WriteOne(folder.File("data/tiny"), Images);
        return folder;
    }

    private static async Task<string> ElsewhereAsync()
    {
        using var folder = NewServerFolder();
        await using var server = await ServeProcess.StartAsync(folder.Path, Settings);
        return (await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }))).UndatedReport();
    }

    private static IEnumerable<object> Detections(int count)
        => Enumerable.Range(0, count).Select(i => new { image_id = 1 + (i % Images), category_id = 1, bbox = new[] { i % 40, i % 30, 10.25, 12.5 }, score = 1.0 / (i + 1) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
