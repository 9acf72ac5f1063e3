using System.Net;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Jobs;

/// <summary>What evaluations wait for is told as soon as it is so. No worker lives here: their rows are written by the tests.</summary>
public class WaitingTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Evaluations_tell_that_no_worker_lives_none_has_the_device_or_all_are_busy()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using var front = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("api", "front")]);

        var created = await front.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", model = "shapes" }, Token).JsonAsync(HttpStatusCode.Accepted);
        var first = new Uri($"/v1/evaluations/{created["id"]}", UriKind.Relative);
        var second = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes", device = "gpu" });
        Assert.Equal("No worker is alive, and there was none within a day: start a server with Serve:Role=worker.", (string)created["waiting"]!);

        await WorkerAsync(cluster, "one", seenSecondsAgo: 20);
        Assert.Matches(@"\ANo worker is alive: the last one, one, was seen at \d{4}-.+Z\.\z", await ReasonAsync(front, first));

        await WorkerAsync(cluster, "one", seenSecondsAgo: 1);
        Assert.Null(await ReasonAsync(front, first));
        Assert.Equal("No living worker runs models on gpu: one runs them on cpu.", await ReasonAsync(front, second));

        await WorkerAsync(cluster, "one", seenSecondsAgo: 1, running: """["other/shard-1"]""");
        Assert.Equal("The only slot is taken; 0 evaluations come before this one.", await ReasonAsync(front, first));

        await WorkerAsync(cluster, "one", seenSecondsAgo: 1, running: $"""["{created["id"]}/shard-1"]""");
        Assert.Null(await ReasonAsync(front, first));

        await WorkerAsync(cluster, "two", seenSecondsAgo: 1, device: "gpu", running: """["other/shard-1"]""");
        Assert.Equal("The only GPU slot is taken; 1 evaluation comes before this one.", await ReasonAsync(front, second));

        Directory.Delete(cluster.Folder.File("models/shapes"), recursive: true);
        await WorkerAsync(cluster, "one", seenSecondsAgo: 1);
        for (var deadline = DateTime.UtcNow.AddSeconds(20); await ReasonAsync(front, first) is null; await Task.Delay(100, Token))
            Assert.True(DateTime.UtcNow < deadline, "Nobody tells that the model is gone.");
        Assert.Equal("Model \"shapes\" version 1 is not here any more.", await ReasonAsync(front, first));
        var list = await front.Client.GetAsync("/v1/evaluations", Token).JsonAsync();
        Assert.Equal("Model \"shapes\" version 1 is not here any more.", (string)list["evaluations"]![1]!["waiting"]!);
    }

    [Fact]
    public async Task Workers_are_listed_as_alive_until_they_are_silent_or_stop()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using var front = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("api", "front")]);
        await using (await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("worker", "stopped", jobs: 3)]))
            Assert.True((bool)(await NodeCluster.WorkersAsync(front.Client))[1]["alive"]!);
        await WorkerAsync(cluster, "silent", seenSecondsAgo: 16);

        var workers = await NodeCluster.WorkersAsync(front.Client);

        Assert.Equal(["front api True", "silent worker False", "stopped worker False"], workers.Select(worker => $"{worker["name"]} {worker["role"]} {(bool)worker["alive"]!}"));
        Assert.Equal([0, 1, 3], workers.Select(worker => (int)worker["slots"]!));
        Assert.Null(workers[1]["stoppedAt"]);
        Assert.InRange((DateTimeOffset)workers[2]["stoppedAt"]!, (DateTimeOffset)workers[2]["startedAt"]!, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task A_server_on_its_own_lists_itself_and_waits_for_nobody()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 1);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:Node", "alone"));

        var itself = Assert.Single(await NodeCluster.WorkersAsync(server.Client));

        Assert.Equal(("alone", "all", true, "cpu", 2), ((string)itself["name"]!, (string)itself["role"]!, (bool)itself["alive"]!, (string)itself["device"]!, (int)itself["slots"]!));
        Assert.Null(await ReasonAsync(server, await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" })));
    }

    [Fact]
    public async Task An_evaluation_whose_model_is_gone_when_it_begins_fails_with_the_cause()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using var front = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("api", "front")]);
        var address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        Directory.Delete(cluster.Folder.File("models/shapes"), recursive: true);

        await using var worker = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("worker", "one")]);
        var document = await front.Client.WaitUntilOverAsync(address, seconds: 40);

        Assert.Equal("failed", (string)document["state"]!);
        Assert.Equal("There is no model \"shapes\".", (string)document["error"]!);
    }

    private static async Task<string?> ReasonAsync(ServeApplication front, Uri evaluation) => (string?)(await front.Client.GetAsync(evaluation, Token).JsonAsync())["waiting"];

    private static Task WorkerAsync(NodeCluster cluster, string name, int seenSecondsAgo, string device = "cpu", string running = "[]") => cluster.ExecuteAsync(
        $"""
        INSERT INTO workers ("Node", "Instance", "Role", "StartedAt", "SeenAt", "Version", "Device", "Slots", "GpuSlots", "Running")
        VALUES ('{name}', 'test', 'worker', now(), now() - interval '{seenSecondsAgo} s', '0.1.0', '{device}', 1, {(device == "gpu" ? 1 : 0)}, '{running}')
        ON CONFLICT ("Node") DO UPDATE SET "SeenAt" = excluded."SeenAt", "Running" = excluded."Running"
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
