using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

public class LatencyTests(ServeFixture serve)
{
    private const int Images = 24;

    [Fact]
    public async Task The_latency_of_a_model_stands_in_the_evaluation_and_its_report_where_it_was_asked_for()
    {
        var without = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));

        var document = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes", latency = true }));

        Assert.Equal("done", (string)document["state"]!);
        var latency = document["latency"]!;
        Assert.InRange((double)latency["p50Ms"]!, 0.01, (double)latency["p90Ms"]!);
        Assert.Equal((10, "cpu"), ((int)latency["images"]!, (string)latency["provider"]!));
        Assert.Matches(@", \d+ cores?$", (string)latency["device"]!);
        Assert.Equal(latency.ToJsonString(), document["report"]!["latency"]!.ToJsonString());
        Assert.Null(without["latency"]);
        Assert.Null(without["report"]!["latency"]);
        Assert.Equal(Untimed(without), Untimed(document));
        var rerun = await RerunAsync(document);
        Assert.True((bool)rerun["rerun"]!["identical"]!, rerun["rerun"]!.ToJsonString());
        Assert.Equal(10, (int)rerun["latency"]!["images"]!);
    }

    [Fact]
    public async Task A_latency_needs_a_model_and_a_yes_or_no()
    {
        var detections = await serve.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", latency = true, detections = Array.Empty<object>() }, Token)
            .ProblemAsync(HttpStatusCode.BadRequest);
        using var form = new MultipartFormDataContent { { new StringContent("tiny"), "dataset" }, { new StringContent("shapes"), "model" }, { new StringContent("maybe"), "latency" } };
        var neither = await serve.Client.PostAsync("/v1/evaluations", form, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("A latency needs a model: it is measured on this server.", (string)detections["errors"]!["latency"]![0]!);
        Assert.Equal("The latency is \"maybe\"; it must be true or false.", (string)neither["errors"]!["latency"]![0]!);
    }

    [Fact]
    public async Task A_kill_while_the_latency_is_measured_costs_nothing_but_the_measuring()
    {
        using var folder = TestFiles.NewFolder();
        WriteLarge(folder);
        (string, string)[] settings = [("Serve:ShardImages", "8"), ("Serve:MaxConcurrentJobs", "2")];
        Uri address;
        await using (var first = await ServeProcess.StartAsync(folder.Path, settings))
        {
            address = await first.Client.EvaluateAsync(new { dataset = "large", model = "shapes", latency = true });
            await first.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] == Images / 8);
            await WaitForAttemptAsync(folder);
            await first.KillAsync();
        }

        await using var second = await ServeProcess.StartAsync(folder.Path, settings);
        var document = await second.Client.WaitUntilOverAsync(address);
        var without = await second.Client.WaitUntilOverAsync(await second.Client.EvaluateAsync(new { dataset = "large", model = "shapes" }));

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(Images, (int)document["latency"]!["images"]!);
        Assert.Equal(Images / 8, (int)document["shards"]!["attempts"]!);
        Assert.Equal(Images / 8, (int)without["shards"]!["reused"]!);
        Assert.Equal(Untimed(without), Untimed(document));
        Assert.Equal(2, Attempts(folder));
    }

    [Fact]
    public async Task An_evaluation_is_cancelled_while_its_latency_is_measured()
    {
        using var folder = TestFiles.NewFolder();
        WriteLarge(folder);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:ShardImages", "8"));
        var address = await server.Client.EvaluateAsync(new { dataset = "large", model = "shapes", latency = true });
        await server.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] == Images / 8);
        await WaitForAttemptAsync(folder);

        await server.Client.DeleteAsync(address, Token).JsonAsync();
        var next = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "large", model = "shapes" }));
        var cancelled = await server.Client.GetAsync(address, Token).JsonAsync();

        Assert.Equal(("cancelled", null), ((string)cancelled["state"]!, cancelled["latency"]));
        Assert.Equal("done", (string)next["state"]!);
    }

    /// <summary>Pictures that take a while to decode.</summary>
    private static void WriteLarge(TemporaryFolder folder)
    {
        const int width = 1600, height = 1200;
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        Directory.CreateDirectory(folder.File("data/large/annotations"));
        Directory.CreateDirectory(folder.File("data/large/images"));
        for (var i = 0; i < Images; i++)
            File.WriteAllBytes(folder.File($"data/large/images/{i}.png"), TestPictures.Png(i, width, height));
        File.WriteAllText(folder.File("data/large/annotations/instances_test.json"), JsonSerializer.Serialize(new
        {
            images = Enumerable.Range(0, Images).Select(i => new { id = i + 1, file_name = $"{i}.png", width, height }),
            categories = new[] { new { id = 1, name = "light" }, new { id = 2, name = "dark" } },
            annotations = Enumerable.Range(0, Images).Select(i => new { id = i + 1, image_id = i + 1, category_id = 1, bbox = new[] { 10, 10, 400, 300 }, area = 120_000, iscrowd = 0 }),
        }));
    }

    private async Task<JsonNode> RerunAsync(JsonNode document)
    {
        using var response = await serve.Client.PostAsync($"/v1/evaluations/{document["id"]}/rerun", null, Token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return await serve.Client.WaitUntilOverAsync(response.Headers.Location!);
    }

    private static async Task WaitForAttemptAsync(TemporaryFolder folder)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); Attempts(folder) == 0; await Task.Delay(5, Token))
            Assert.True(DateTime.UtcNow < deadline, "The latency was not begun within 60 s.");
    }

    private static int Attempts(TemporaryFolder folder)
    {
        using var connection = new SqliteConnection($"Data Source={folder.File("workspace/serve.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT MAX("LatencyAttempts") FROM evaluations""";
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Untimed(JsonNode document)
    {
        var report = document["report"]!.DeepClone().AsObject();
        Assert.True(report.Remove("latency") && report["provenance"]!.AsObject().Remove("date"), "The report has no latency or date.");
        return report.ToJsonString();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
