using System.Net;
using System.Text.RegularExpressions;
using Serve.Api.Hosting;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;
using Serve.Eval;

namespace Serve.Api.Tests.Jobs;

/// <summary>Several servers on one database.</summary>
public partial class NodeTests(SharedPostgres postgres)
{
    [Fact]
    public async Task Two_workers_evaluate_together_and_the_numbers_are_those_of_one_server()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 64, slow: true);
        await using var front = await cluster.StartFrontAsync();
        var starting = (cluster.StartAsync("worker", "one", shardImages: 2), cluster.StartAsync("worker", "two", shardImages: 2));
        var (one, two) = (await starting.Item1, await starting.Item2);

        var document = await front.Client.WaitUntilOverAsync(await front.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal((32, 32), ((int)document["shards"]!["done"]!, (int)document["shards"]!["attempts"]!));
        Assert.Equal("cpu", (string)document["device"]!);
        var (byOne, byTwo) = (Begun().Count(one.Output), Begun().Count(two.Output));
        Assert.Equal(32, byOne + byTwo);
        Assert.InRange(byOne, 1, 31);
        Assert.Equal(await cluster.ReportOfOneAsync(shardImages: 2), document.UndatedReport());
    }

    [Fact]
    public async Task A_worker_tells_that_it_lives_and_nothing_else()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using var worker = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("worker", "one")]);

        foreach (var path in (string[])["/health/live", "/health/ready", "/metrics"])
            Assert.Equal(HttpStatusCode.OK, (await worker.Client.GetAsync(path, Token)).StatusCode);
        foreach (var path in (string[])["/", "/v1/models", "/v1/workers", "/openapi/v1.json", "/swagger/index.html"])
            Assert.StartsWith("This is a worker (Serve:Role)", (await worker.Client.GetAsync(path, Token).ProblemAsync(HttpStatusCode.NotFound)).Detail());
        var infer = await worker.Client.GetAsync("/v2/models/shapes", Token).JsonAsync(HttpStatusCode.NotFound);
        Assert.StartsWith("This is a worker (Serve:Role)", (string)infer["error"]!);
    }

    [Fact]
    public async Task A_workspace_that_the_others_do_not_share_and_a_name_that_is_taken_are_refused()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using var first = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("all", "first")]);

        var elsewhere = await RefusalAsync(cluster, "second", ("Serve:Workspace", cluster.Folder.File("elsewhere")));
        var named = await RefusalAsync(cluster, "first");
        await using var second = await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("all", "second")]);

        Assert.Equal(
            $"The workspace {cluster.Folder.File("elsewhere")} is not that of the other servers of this database, which have written cluster.json into theirs. Alive: first. "
            + "Servers of one database share the workspace and the data folder.", elsewhere);
        Assert.Matches(@"\AServe:Node: ""first"" is the name of another server of this database, which is alive \(seen at [^)]+\)\. Give this one a name of its own\.\z", named);
        Assert.Equal(["first", "second"], (await NodeCluster.WorkersAsync(first.Client)).Select(worker => (string)worker["name"]!));
    }

    [Fact]
    public async Task A_workspace_of_another_database_is_refused_and_one_who_comes_alone_may_bring_a_new_one()
    {
        await using var cluster = NodeCluster.Create(await postgres.NewDatabaseAsync(), images: 1);
        await using (await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("all", "first")])) { }
        await using (await ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("all", "second"), ("Serve:Workspace", cluster.Folder.File("new"))])) { }

        var refused = await RefusalAsync(cluster, "first");
        await File.WriteAllTextAsync(cluster.Folder.File("workspace/cluster.json"), "[]", Token);
        var broken = await RefusalAsync(cluster, "first");

        Assert.StartsWith($"The workspace {cluster.Folder.File("workspace")} belongs to another database: its cluster.json says ", refused);
        Assert.Equal($"{cluster.Folder.File("workspace/cluster.json")} is not what a server wrote: expected {{\"id\": \"…\"}}.", broken);
    }

    [Theory]
    [InlineData("worker", "sqlite", null, "Serve:Role: is worker, and Serve:Database:Kind is sqlite, which one server has for itself: it has to do everything. Set that to postgres, or leave this out.")]
    [InlineData("api", "sqlite", null, "Serve:Role: is api, and Serve:Database:Kind is sqlite, which one server has for itself: it has to do everything. Set that to postgres, or leave this out.")]
    [InlineData("both", "sqlite", null, "Serve:Role: must be all, api or worker.")]
    [InlineData("all", "sqlite", "a b", "Serve:Node: must be 1 to 100 letters, digits, dots, hyphens or underscores.")]
    public void A_role_that_cannot_be_played_is_refused(string role, string kind, string? name, string fault)
    {
        var options = new ServeOptions { Role = role, Node = name, Database = new DatabaseOptions { Kind = kind } };

        Assert.Equal([fault], new ServeOptionsValidator().Validate(null, options).Failures!);
    }

    private static async Task<string> RefusalAsync(NodeCluster cluster, string name, params (string, string)[] more)
        => (await Assert.ThrowsAsync<InvalidInputException>(() => ServeApplication.StartAsync(cluster.Folder.Path, [.. cluster.SettingsOf("all", name), .. more]))).Message;

    [GeneratedRegex(@": detecting on shard \d+, attempt ")]
    private static partial Regex Begun();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
