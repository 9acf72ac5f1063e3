using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Jobs;

/// <summary>The database goes and comes back, and nodes are stopped in good order, in the middle of an evaluation.</summary>
public class InterruptedClusterTests(SharedPostgres shared)
{
    private const int Images = 96;
    private const int Shards = 24;

    [Fact]
    public async Task A_database_that_restarts_costs_no_shard()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), Images, slow: true);
        await using var front = await cluster.StartFrontAsync();
        await Task.WhenAll(cluster.StartAsync("worker", "one"), cluster.StartAsync("worker", "two"));
        var address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await front.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 3);

        await postgres.StopAsync();
        await Task.Delay(1500, Token);
        await postgres.RestartAsync();
        for (var deadline = DateTime.UtcNow.AddSeconds(20); !(await front.Client.GetAsync("/health/ready", Token)).IsSuccessStatusCode; await Task.Delay(100, Token))
            Assert.True(DateTime.UtcNow < deadline, "The server does not find the database again.");
        var document = await front.Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(Shards, (int)document["shards"]!["done"]!);
        // Both that ran have kept what they had found, unless another was given their shards meanwhile.
        Assert.InRange((int)document["shards"]!["attempts"]!, Shards, Shards + 2);
        var events = await front.Client.GetStringAsync($"{address}/events", Token);
        Assert.Equal(Shards, events.Split("event: progress").Length - 1);
        Assert.Equal(await cluster.ReportOfOneAsync(), document.UndatedReport());
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_gives_back_what_it_has_begun()
    {
        await using var cluster = NodeCluster.Create(await shared.NewDatabaseAsync(), Images, slow: true);
        await using var front = await cluster.StartFrontAsync();
        var one = (await Task.WhenAll(cluster.StartAsync("worker", "one"), cluster.StartAsync("worker", "two")))[0];
        var address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await front.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 3);

        var exitCode = await one.TerminateAsync();
        var workers = await NodeCluster.WorkersAsync(front.Client);
        var document = await front.Client.WaitUntilOverAsync(address);

        Assert.Equal(0, exitCode);
        Assert.Equal(["front True", "one False", "two True"], workers.Select(worker => $"{worker["name"]} {(bool)worker["alive"]!}"));
        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal((Shards, Shards), ((int)document["shards"]!["done"]!, (int)document["shards"]!["attempts"]!));
        Assert.Equal(await cluster.ReportOfOneAsync(), document.UndatedReport());
    }

    [Fact]
    public async Task Cancelling_stops_what_runs_on_other_servers()
    {
        await using var cluster = NodeCluster.Create(await shared.NewDatabaseAsync(), images: 800, slow: true);
        await using var front = await cluster.StartFrontAsync();
        await cluster.StartAsync("worker", "one", shardImages: 800);
        var address = await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await front.Client.WaitAsync(address, document => (int?)document["shards"]?["attempts"] == 1);

        await front.Client.DeleteAsync(address, Token).JsonAsync();
        // What was stopped does not count as an attempt; what came to its end would.
        var document = await front.Client.WaitAsync(address, document => (int?)document["shards"]?["attempts"] == 0, seconds: 30);

        Assert.Equal("cancelled", (string)document["state"]!);
        Assert.Equal(0, (int)document["shards"]!["done"]!);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
