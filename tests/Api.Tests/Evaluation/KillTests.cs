using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

/// <summary>The server is really killed in the middle of an evaluation.</summary>
public class KillTests
{
    private const int Images = 240;
    private static readonly (string, string)[] Settings = [("Serve:ShardImages", "8"), ("Serve:MaxConcurrentJobs", "2")];

    [Fact]
    public async Task An_evaluation_survives_kill_9_and_detects_nothing_twice()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);

        Uri address;
        await using (var first = await ServeProcess.StartAsync(folder.Path, Settings))
        {
            address = await first.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            await first.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 5);
            await first.KillAsync();
        }
        var before = ReadShards(folder);
        Assert.InRange(before.Count(shard => shard.Done), 5, before.Count - 1);

        JsonNode document;
        await using (var second = await ServeProcess.StartAsync(folder.Path, Settings))
            document = await second.Client.WaitUntilOverAsync(address);
        var after = ReadShards(folder);

        Assert.Equal("done", (string)document["state"]!);
        // Finished shards are as they were: same start, same attempt, same end.
        Assert.Equal(before.Where(shard => shard.Done), after.Where(shard => before[shard.Index].Done));
        // Shards that ran when the process was killed were begun twice, all others once.
        Assert.All(after, shard => Assert.Equal(before[shard.Index] is { Done: false, Attempts: var begun } ? begun + 1 : 1, shard.Attempts));
        Assert.Equal(await UninterruptedReportAsync(folder), document.UndatedReport());
    }

    [Fact]
    public async Task An_evaluation_is_found_again_when_the_engine_has_lost_its_jobs()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);
        Uri address;
        await using (var first = await ServeProcess.StartAsync(folder.Path, Settings))
        {
            address = await first.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            await first.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 1);
            await first.KillAsync();
        }
        foreach (var file in Directory.EnumerateFiles(folder.File("workspace"), "jobs.db*"))
            File.Delete(file);

        await using var second = await ServeProcess.StartAsync(folder.Path, Settings);
        var document = await second.Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(Images / 8, (int)document["shards"]!["done"]!);
    }

    [Fact]
    public async Task An_evaluation_goes_on_after_an_orderly_stop_which_counts_as_no_attempt()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);
        Uri address;
        await using (var first = await ServeApplication.StartAsync(folder.Path, Settings))
        {
            address = await first.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            await first.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 2);
        }
        Assert.Contains(ReadShards(folder), shard => !shard.Done);

        await using var second = await ServeApplication.StartAsync(folder.Path, Settings);
        var document = await second.Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(Images / 8, (int)document["shards"]!["attempts"]!);
    }

    [Fact]
    public async Task An_evaluation_fails_when_a_shard_was_begun_again_and_again_without_an_end()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);
        Uri address;
        await using (var first = await ServeApplication.StartAsync(folder.Path, Settings))
        {
            address = await first.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
            await first.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] >= 1);
        }
        using (var connection = Open(folder))
        using (var command = connection.CreateCommand())
        {
            // As five kills in the middle of this shard would leave it.
            command.CommandText = """UPDATE shards SET "Attempts" = 5 WHERE "Index" = (SELECT MAX("Index") FROM shards WHERE NOT "Done")""";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        await using var second = await ServeApplication.StartAsync(folder.Path, Settings);
        var document = await second.Client.WaitUntilOverAsync(address);

        Assert.Equal("failed", (string)document["state"]!);
        Assert.Contains("was begun 5 times and never came to an end", (string)document["error"]!);
    }

    private static async Task<string> UninterruptedReportAsync(TemporaryFolder folder)
    {
        Directory.Delete(folder.File("workspace"), recursive: true);
        await using var server = await ServeProcess.StartAsync(folder.Path, Settings);
        var document = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));
        Assert.Equal(Images / 8, (int)document["shards"]!["attempts"]!);
        return document.UndatedReport();
    }

    /// <summary>The shards as the database on disk has them, with no server running.</summary>
    private static List<Shard> ReadShards(TemporaryFolder folder)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT "Index", "Done", "Attempts", "StartedAt", "FinishedAt" FROM shards ORDER BY "Index" """;
        using var reader = command.ExecuteReader();
        var shards = new List<Shard>();
        while (reader.Read())
            shards.Add(new Shard(reader.GetInt32(0), reader.GetBoolean(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4)));
        return shards;
    }

    private static SqliteConnection Open(TemporaryFolder folder)
    {
        var connection = new SqliteConnection($"Data Source={folder.File("workspace/serve.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private sealed record Shard(int Index, bool Done, int Attempts, string? StartedAt, string? FinishedAt);
}
