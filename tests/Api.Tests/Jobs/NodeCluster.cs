using System.Text.Json.Nodes;
using Npgsql;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Jobs;

/// <summary>Servers, most of them processes of their own, on one PostgreSQL database, one workspace, one data and one models folder.</summary>
internal sealed class NodeCluster : IAsyncDisposable
{
    private readonly string _connection;
    private readonly List<ServeProcess> _processes = [];

    private NodeCluster(string connection) => _connection = connection;

    public TemporaryFolder Folder { get; } = TestFiles.NewFolder();

    /// <summary>Fills the folders: the dataset <c>tiny</c> and the model <c>shapes</c>, in a form that takes its time where that is asked for.</summary>
    public static NodeCluster Create(string connection, int images, bool slow = false)
    {
        var cluster = new NodeCluster(connection);
        _ = slow ? TestModel.WriteSlow(cluster.Folder.File("models"), "shapes", version: 1) : TestModel.Write(cluster.Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(cluster.Folder.File("data/tiny"), images);
        return cluster;
    }

    /// <summary>The settings of a node of this cluster.</summary>
    public (string, string)[] SettingsOf(string role, string name, int shardImages = 4, int jobs = 1)
        => [("Serve:Database:Kind", "postgres"), ("Serve:Database:Connection", _connection), ("Serve:Role", role), ("Serve:Node", name),
            ("Serve:ShardImages", $"{shardImages}"), ("Serve:MaxConcurrentJobs", $"{jobs}")];

    /// <summary>Starts a node that answers and runs no jobs, in the process of the tests.</summary>
    public Task<ServeApplication> StartFrontAsync() => ServeApplication.StartAsync(Folder.Path, [.. SettingsOf("api", "front")]);

    /// <summary>Starts a node as a process of its own.</summary>
    public async Task<ServeProcess> StartAsync(string role, string name, int shardImages = 4, int jobs = 1)
    {
        var process = await ServeProcess.StartAsync(Folder.Path, SettingsOf(role, name, shardImages, jobs));
        lock (_processes)
            _processes.Add(process);
        return process;
    }

    /// <summary>The report of the same evaluation by one server alone, on SQLite, that nothing interrupts.</summary>
    public async Task<string> ReportOfOneAsync(int shardImages = 4)
    {
        await using var server = await ServeApplication.StartAsync(Folder.Path, ("Serve:Workspace", Folder.File("alone")), ("Serve:ShardImages", $"{shardImages}"));
        return (await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }))).UndatedReport();
    }

    /// <summary>Lets nobody write to a table until what comes back is disposed, so that a step is held where it would.</summary>
    public async Task<IAsyncDisposable> HoldAsync(string table)
    {
        var connection = new NpgsqlConnection($"{_connection};Pooling=false");
        await connection.OpenAsync(Token);
        await ExecuteAsync(connection, $"BEGIN; LOCK TABLE {table} IN SHARE MODE");
        return connection;
    }

    /// <summary>Changes rows behind the servers' back.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{_connection};Pooling=false");
        await connection.OpenAsync(Token);
        await ExecuteAsync(connection, sql);
    }

    /// <summary>Waits until a node runs a step of a kind, and gives the node's name.</summary>
    public static async Task<string> RunnerOfAsync(HttpClient client, string step)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var workers = await WorkersAsync(client);
            if (workers.FirstOrDefault(worker => worker["running"]!.AsArray().Any(job => ((string)job!["step"]!).StartsWith(step, StringComparison.Ordinal))) is { } found)
                return (string)found["name"]!;
            Assert.True(DateTime.UtcNow < deadline, $"Nobody runs a {step} after 60 s.");
            await Task.Delay(100, Token);
        }
    }

    public static async Task<IReadOnlyList<JsonNode>> WorkersAsync(HttpClient client)
        => [.. (await client.GetAsync("/v1/workers", Token).JsonAsync())["workers"]!.AsArray().Select(worker => worker!)];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        Folder.Dispose();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
