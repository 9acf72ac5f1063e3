using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Counters, exact to the request.</summary>
public class StatisticsTests
{
    [Fact]
    public async Task Sixty_four_requests_are_sixty_four_more_and_the_batches_add_up()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", 1);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        await server.Client.InferPicturesAsync("shapes", [TestPictures.Png()]).OutputsAsync();
        var before = await StatsAsync(server, "/v2/models/shapes/stats");

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => server.Client.InferPicturesAsync(i % 2 == 0 ? "shapes" : "shapes.raw", [TestPictures.Png(i)], input: i % 2 == 0 ? "image" : "images")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var after = await StatsAsync(server, "/v2/models/shapes/versions/1/stats");

        Assert.Equal(64, Count(after, "inference_count") - Count(before, "inference_count"));
        Assert.InRange(Count(after, "execution_count") - Count(before, "execution_count"), 1, 64);
        foreach (var stage in (string[])["success", "queue", "compute_input", "compute_infer", "compute_output"])
            Assert.Equal(64, (long)after["inference_stats"]![stage]!["count"]! - (long)before["inference_stats"]![stage]!["count"]!);
        Assert.Equal(0, (long)after["inference_stats"]!["fail"]!["count"]!);
        var batches = after["batch_stats"]!.AsArray();
        Assert.Equal(Count(after, "execution_count"), batches.Sum(batch => (long)batch!["compute_infer"]!["count"]!));
        Assert.Equal(Count(after, "inference_count"), batches.Sum(batch => (long)batch!["batch_size"]! * (long)batch["compute_infer"]!["count"]!));
        Assert.True((long)after["inference_stats"]!["compute_infer"]!["ns"]! > 0);
        Assert.InRange(Count(after, "last_inference"), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal("CPU", (string)after["memory_usage"]![0]!["type"]!);
    }

    [Fact]
    public async Task All_models_in_memory_are_listed_and_both_views_count_in_the_same()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "a", 1);
        TestModel.Write(folder.File("models"), "b", 1);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        await server.Client.InferPicturesAsync("a.raw", [TestPictures.Png()], input: "images").OutputsAsync();
        await server.Client.InferPicturesAsync("b", [TestPictures.Png(), TestPictures.Png(1)]).OutputsAsync();

        var all = await server.Client.GetAsync("/v2/models/stats", TestContext.Current.CancellationToken).JsonAsync();
        var raw = await StatsAsync(server, "/v2/models/a.raw/stats");

        Assert.Equal([("a", 1L), ("b", 2L)], all["model_stats"]!.AsArray().Select(model => ((string)model!["name"]!, (long)model["inference_count"]!)));
        Assert.Equal(("a.raw", 1), ((string)raw["name"]!, Count(raw, "inference_count")));
    }

    private static async Task<JsonNode> StatsAsync(ServeApplication server, string path)
        => Assert.Single((await server.Client.GetAsync(path, TestContext.Current.CancellationToken).JsonAsync())["model_stats"]!.AsArray())!;

    private static long Count(JsonNode stats, string name) => (long)stats[name]!;
}
