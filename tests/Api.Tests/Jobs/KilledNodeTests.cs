using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Jobs;

/// <summary>Real processes are killed in each phase of an evaluation: nothing is lost, nothing counts twice, and the numbers are those of one that nothing interrupts.</summary>
public class KilledNodeTests(SharedPostgres postgres)
{
    private const int Images = 12;
    private const int Shards = 3;

    /// <summary>A step, and the table whose lock holds it before its end: it has done its work then, and nobody knows.</summary>
    public static TheoryData<string, string> Phases => new() { { "plan", "shards" }, { "shard", "shard_results" }, { "reduction", "reports" } };

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task A_worker_that_is_killed_costs_nothing_and_another_goes_on(string step, string table)
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), Images);
        await using var front = await cluster.StartFrontAsync();
        var starting = (cluster.StartAsync("worker", "one"), cluster.StartAsync("worker", "two"));
        var workers = new Dictionary<string, ServeProcess> { ["one"] = await starting.Item1, ["two"] = await starting.Item2 };

        Uri address;
        await using (await cluster.HoldAsync(table))
        {
            address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            await workers[await NodeCluster.RunnerOfAsync(front.Client, step)].KillAsync();
        }
        var document = await front.Client.WaitUntilOverAsync(address);

        await AssertWholeAsync(cluster, front.Client, address, document);
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task A_server_that_is_killed_goes_on_after_its_next_start(string step, string table)
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), Images);
        var server = await cluster.StartAsync("all", "one");

        Uri address;
        await using (await cluster.HoldAsync(table))
        {
            address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            Assert.Equal("one", await NodeCluster.RunnerOfAsync(server.Client, step));
            await server.KillAsync();
        }
        server = await cluster.StartAsync("all", "one");
        var document = await server.Client.WaitUntilOverAsync(address);

        await AssertWholeAsync(cluster, server.Client, address, document);
    }

    [Fact]
    public async Task Workers_need_nobody_who_answers()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), Images);
        var front = await cluster.StartAsync("api", "front");
        var address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await front.KillAsync();

        var worker = await cluster.StartAsync("worker", "one");
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !worker.Output.Contains("on tiny/test is done.", StringComparison.Ordinal); await Task.Delay(100, Token))
            Assert.True(DateTime.UtcNow < deadline, $"The worker does not end the evaluation: {worker.Output}");
        await using var next = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("api", "next")]);
        var document = await next.Client.WaitUntilOverAsync(address);

        await AssertWholeAsync(cluster, next.Client, address, document);
    }

    private static async Task AssertWholeAsync(NodeCluster cluster, HttpClient client, Uri address, JsonNode document)
    {
        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal((Shards, Shards), ((int)document["shards"]!["total"]!, (int)document["shards"]!["done"]!));
        Assert.InRange((int)document["shards"]!["attempts"]!, Shards, Shards + 1);
        var events = await client.GetStringAsync($"{address}/events", Token);
        var types = events.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..].Trim());
        Assert.Equal(["queued", "running", .. Enumerable.Repeat("progress", Shards), "done"], types);
        Assert.Equal(await cluster.ReportOfOneAsync(), document.UndatedReport());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
