using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Quartz;
using Serve.Api.Jobs;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

/// <summary>Whose turn it is, what happens to shards that fail, and how long the rest will take.</summary>
public class JobOrderTests
{
    private const int Images = 32;
    private static readonly (string, string)[] Settings = [("Serve:ShardImages", "2"), ("Serve:MaxConcurrentJobs", "1")];

    [Fact]
    public async Task Evaluations_of_a_higher_priority_come_first_and_equal_ones_in_the_order_in_which_they_were_asked_for()
    {
        using var folder = NewFolder(slow: true);
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);

        // Protocols differ, so that none can take what another has found.
        var low = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes", priority = -10, protocol = "voc-2007" });
        await server.Client.WaitAsync(low, document => (int?)document["shards"]?["done"] >= 1);
        // Nothing begins before all three are there, however long asking takes.
        var engine = (await server.Services.GetRequiredService<JobEngine>().ReadyAsync(Token))!;
        await engine.Standby(Token);
        var usual = await server.Client.EvaluateAsync(new { dataset = "tiny", split = "val", model = "shapes", protocol = "coco-bbox" });
        var next = await server.Client.EvaluateAsync(new { dataset = "tiny", split = "val", model = "shapes", protocol = "voc-2012" });
        var high = await server.Client.EvaluateAsync(new { dataset = "tiny", split = "val", model = "shapes", priority = 10, protocol = "voc-2007" });

        await engine.Start(Token);

        var ends = new List<(string Name, DateTimeOffset At)>();
        foreach (var (name, address) in new[] { ("low", low), ("usual", usual), ("next", next), ("high", high) })
            ends.Add((name, (DateTimeOffset)(await server.Client.WaitUntilOverAsync(address))["finishedAt"]!));
        Assert.Equal(["high", "usual", "next", "low"], ends.OrderBy(end => end.At).Select(end => end.Name));
    }

    [Theory]
    [InlineData("cpu", 2)]
    [InlineData("gpu", 1)]
    public async Task Jobs_for_the_gpu_run_as_many_at_once_as_it_has_slots(string device, int most)
    {
        using var folder = NewFolder(slow: true);
        // Of which device the jobs are is what was asked for; the model runs on what this machine has.
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:ShardImages", "2"), ("Serve:MaxConcurrentJobs", "2"), ("Serve:GpuSlots", "1"));
        var jobs = server.Services.GetRequiredService<RunningJobs>();

        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes", device });
        var seen = 0;
        await server.Client.WaitAsync(address, document =>
        {
            seen = Math.Max(seen, jobs.Now.Count(job => job.Step.StartsWith("shard-", StringComparison.Ordinal)));
            return (string)document["state"]! == "done";
        });

        Assert.Equal(most, seen);
    }

    [Fact]
    public async Task Only_a_few_shards_of_an_evaluation_are_in_the_engine_at_a_time()
    {
        using var folder = NewFolder(slow: true);
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);
        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await server.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 1);
        var engine = (await server.Services.GetRequiredService<JobEngine>().ReadyAsync(Token))!;
        var id = address.OriginalString.Split('/')[^1];

        var most = 0;
        for (var open = true; open; open = (int)(await server.Client.GetAsync(address, Token).JsonAsync())["shards"]!["done"]! < Images / 2)
            most = Math.Max(most, (await engine.QueryJobs(new JobQuery { Group = GroupMatcher<JobKey>.GroupEquals(id), Take = PagedQuery.All }, Token)).Items.Count(job => job.Key.Name.StartsWith("shard", StringComparison.Ordinal)));
        var document = await server.Client.WaitUntilOverAsync(address);

        // Two for the one slot, and the one that runs while it calls for the next.
        Assert.InRange(most, 1, 3);
        Assert.Equal(("done", Images / 2), ((string)document["state"]!, (int)document["shards"]!["attempts"]!));
    }

    [Fact]
    public async Task A_priority_and_a_device_that_are_none_are_refused()
    {
        using var folder = NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);

        var problem = await server.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", model = "shapes", priority = 11, device = "tpu" }, Token).ProblemAsync(HttpStatusCode.BadRequest);
        var noModel = await server.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", detections = Array.Empty<object>(), device = "cpu" }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("11 is not between -10 and 10.", (string)problem["errors"]!["priority"]![0]!);
        Assert.Equal("\"tpu\" is not a device; there are cpu and gpu.", (string)problem["errors"]!["device"]![0]!);
        Assert.Equal("A device needs a model.", (string)noModel["errors"]!["device"]![0]!);
    }

    [Fact]
    public async Task A_shard_that_fails_is_tried_again_with_its_cause_and_the_evaluation_goes_on()
    {
        using var folder = NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);
        await server.Client.GetAsync("/v1/evaluations", Token).JsonAsync();
        Execute(folder, """CREATE TRIGGER fault BEFORE INSERT ON shard_results BEGIN SELECT RAISE(ABORT, 'upside down'); END""");

        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var retry = (await EventsAsync(server.Client, address).FirstAsync(entry => entry.EventType == "retry", Token)).Data;
        Execute(folder, "DROP TRIGGER fault");
        var document = await server.Client.WaitUntilOverAsync(address);

        Assert.Contains("upside down", (string)retry["retry"]!["cause"]!);
        Assert.Equal(1, (int)retry["retry"]!["attempt"]!);
        Assert.Equal(2, ((DateTimeOffset)retry["retry"]!["next"]! - (DateTimeOffset)retry["at"]!).TotalSeconds, 0.5);
        Assert.Equal("done", (string)document["state"]!);
        var failures = await EventsAsync(server.Client, address).CountAsync(entry => entry.EventType == "retry", Token);
        Assert.Equal((Images / 2) + failures, (int)document["shards"]!["attempts"]!);
    }

    [Fact]
    public async Task A_shard_that_fails_for_the_fifth_time_fails_the_evaluation_with_the_last_cause()
    {
        using var folder = NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);
        await server.Client.GetAsync("/v1/evaluations", Token).JsonAsync();
        Execute(folder, """CREATE TRIGGER fault BEFORE INSERT ON shard_results BEGIN SELECT RAISE(ABORT, 'upside down'); END""");
        Execute(folder, """CREATE TRIGGER before AFTER INSERT ON shards BEGIN UPDATE shards SET "Attempts" = 4; END""");

        var document = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));

        Assert.Equal("failed", (string)document["state"]!);
        Assert.StartsWith("Detecting on images 0 to 1 failed 5 times, at last with: ", (string)document["error"]!);
        Assert.Contains("upside down", (string)document["error"]!);
    }

    [Fact]
    public async Task Progress_tells_how_long_the_rest_will_take()
    {
        using var folder = NewFolder(slow: true);
        await using var server = await ServeApplication.StartAsync(folder.Path, Settings);

        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var document = await server.Client.WaitUntilOverAsync(address);
        var progress = await EventsAsync(server.Client, address).Where(entry => entry.EventType == "progress").Select(entry => entry.Data).ToListAsync(Token);

        Assert.Null(progress[0]["secondsLeft"]);
        // Half-way the rest takes about what the first half took; other work of this machine may come between.
        var (half, begun, ended) = (progress[Images / 4], (DateTimeOffset)document["startedAt"]!, (DateTimeOffset)document["finishedAt"]!);
        Assert.InRange((double)half["secondsLeft"]!, 0.1, 2 * (ended - begun).TotalSeconds);
        Assert.InRange((double)progress[^1]["secondsLeft"]!, 0, (double)half["secondsLeft"]!);
    }

    private static TemporaryFolder NewFolder(bool slow = false)
    {
        var folder = TestFiles.NewFolder();
        _ = slow ? TestModel.WriteSlow(folder.File("models"), "shapes", version: 1) : TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);
        return folder;
    }

    private static void Execute(TemporaryFolder folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.File("workspace/serve.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async IAsyncEnumerable<SseItem<JsonNode>> EventsAsync(HttpClient client, Uri address)
    {
        await using var stream = await client.GetStreamAsync($"{address}/events", Token);
        await foreach (var entry in SseParser.Create(stream, (_, data) => JsonNode.Parse(data)!).EnumerateAsync(Token))
            yield return entry;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
