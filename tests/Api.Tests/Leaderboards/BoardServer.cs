using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Access;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>A server with keys, on which a host has opened a leaderboard on two datasets or one.</summary>
public abstract class BoardServer : KeyedServer
{
    private protected const int Images = 24;
    private protected const string Board = "/v1/leaderboards/board";

    private protected string Host { get; private set; } = "";

    private protected string Alice { get; private set; } = "";

    private protected string Bob { get; private set; } = "";

    private protected string Reader { get; private set; } = "";

    private protected override async Task<ServeApplication> StartAsync()
    {
        TestDataset.Write(Folder.File("data/first"), Images);
        TestDataset.Write(Folder.File("data/second"), Images);
        return await base.StartAsync();
    }

    /// <summary>Makes the keys and opens the leaderboard.</summary>
    private protected async Task<JsonNode> OpenAsync(int submissionsPerDay = 100, params string[] datasets)
    {
        (Host, Alice, Bob, Reader) = (await NewKeyAsync("host", "host"), await NewKeyAsync("alice", "submitter"), await NewKeyAsync("bob", "submitter"), await NewKeyAsync("eyes", "reader"));
        object[] measured = [.. datasets.DefaultIfEmpty("first").Select(name => new { name, split = "test" })];
        return await SendAsync(HttpMethod.Post, "/v1/leaderboards", Host, JsonContent.Create(new { name = "board", title = "Lights", datasets = measured, submissionsPerDay })).JsonAsync(HttpStatusCode.Created);
    }

    /// <summary>Submits and gives the document.</summary>
    private protected async Task<JsonNode> SubmitAsync(string key, object request)
        => await SendAsync(HttpMethod.Post, $"{Board}/submissions", key, JsonContent.Create(request)).JsonAsync(HttpStatusCode.Accepted);

    /// <summary>Submits detections to a leaderboard of one dataset, of which so many are right.</summary>
    private protected Task<JsonNode> SubmitAsync(string key, string method, int right)
        => SubmitAsync(key, new { method, detections = new Dictionary<string, object> { ["first"] = Detections(right) } });

    /// <summary>Follows a submission until it is over.</summary>
    private protected async Task<JsonNode> WaitAsync(string key, JsonNode submission)
    {
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var document = await GetAsync($"{Board}/submissions/{submission["id"]}", key).JsonAsync();
            if ((string)document["state"]! is not ("queued" or "running"))
                return document;
            Assert.True(DateTime.UtcNow < deadline, $"Not over after 60 s: {document}");
            await Task.Delay(20, Token);
        }
    }

    private protected async Task<JsonNode> DoneAsync(string key, string method, int right)
    {
        var document = await WaitAsync(key, await SubmitAsync(key, method, right));
        Assert.True("done" == (string)document["state"]!, document.ToString());
        return document;
    }

    private protected async Task<List<JsonNode>> RowsAsync(string? key = null)
        => [.. Assert.Single((await GetAsync(Board, key ?? Reader).JsonAsync())["divisions"]!.AsArray())!["rows"]!.AsArray().Select(row => row!)];

    /// <summary>A detection an image, of which the first so many are right.</summary>
    private protected static object[] Detections(int right, double score = 0.9) => [.. Enumerable.Range(0, Images).Select(i =>
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
        return new { image_id = i + 1, category_id = 1, bbox = i < right ? new[] { x, y, w, h } : [60, 44, 2, 2], score = score - (i * 0.01) };
    })];
}
