using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>The server is really killed in the middle of submissions.</summary>
public class KilledSubmissionTests
{
    private const int Images = 120;
    private const int Submissions = 4;
    private static readonly (string, string)[] Settings = [("Serve:ShardImages", "8"), ("Serve:MaxConcurrentJobs", "2")];

    [Fact]
    public async Task Submissions_survive_kill_9_and_count_once()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), Images);

        await using (var first = await ServeProcess.StartAsync(folder.Path, Settings))
        {
            await first.Client.PostAsJsonAsync("/v1/leaderboards", new { name = "board", datasets = new[] { new { name = "tiny" } } }, Token).JsonAsync(HttpStatusCode.Created);
            for (var i = 0; i < Submissions; i++)
                await first.Client.PostAsJsonAsync("/v1/leaderboards/board/submissions", new { method = $"m{i}", model = "shapes" }, Token).JsonAsync(HttpStatusCode.Accepted);
            await first.KillAsync();
        }
        await using var second = await ServeProcess.StartAsync(folder.Path, Settings);
        var board = await WaitAsync(second.Client);

        var rows = board["divisions"]![0]!["rows"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, Submissions).Select(i => $"m{i}"), rows.Select(row => (string)row!["method"]!).Order());
        Assert.All(rows, row => Assert.Equal((1, rows[0]!["headline"]!.ToJsonString()), ((int)row!["rank"]!, row["headline"]!.ToJsonString())));
        Assert.Equal((Submissions, Submissions), ((int)board["submissions"]!, (int)board["yourQuota"]!["used"]!));
    }

    private static async Task<JsonNode> WaitAsync(HttpClient client)
    {
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (true)
        {
            var board = await client.GetAsync("/v1/leaderboards/board", Token).JsonAsync();
            if ((int)board["submissions"]! == Submissions)
                return board;
            Assert.True(DateTime.UtcNow < deadline, $"Not done after 90 s: {board}");
            await Task.Delay(100, Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
