using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation.Reruns;

public sealed class RerunTests : OwnServer
{
    private const int Images = 10;

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), images: Images, masks: true);
        return ServeApplication.StartAsync(Folder.Path, ("Serve:ShardImages", "4"));
    }

    [Fact]
    public async Task A_model_is_run_again_from_the_start_and_gives_the_same()
    {
        var before = await DoneAsync(new { dataset = "tiny", model = "shapes" });

        var address = await RerunAsync(before);
        var now = await Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)now["state"]!);
        // Nothing is reused: neither the other's shards, nor those of a second run.
        Assert.Equal((3, 3, 0), ((int)now["shards"]!["done"]!, (int)now["shards"]!["attempts"]!, (int)now["shards"]!["reused"]!));
        Assert.Equal(((string)before["id"]!, true), ((string)now["rerun"]!["of"]!, (bool)now["rerun"]!["identical"]!));
        Assert.Empty(now["rerun"]!["differences"]!.AsArray());
        Assert.Equal(before.UndatedReport(), now.UndatedReport());
        Assert.Null(before["rerun"]);
        var again = await Client.WaitUntilOverAsync(await RerunAsync(now));
        Assert.Equal(0, (int)again["shards"]!["reused"]!);
        Assert.True((bool)again["rerun"]!["identical"]!);
    }

    [Fact]
    public async Task An_evaluation_tells_what_made_its_detections()
    {
        var document = await DoneAsync(new { dataset = "tiny", model = "shapes" });

        var origin = Assert.Single(document["origins"]!.AsArray())!;
        Assert.Equal("cpu", (string)origin["provider"]!);
        Assert.Matches("^[0-9a-f]{64}$", (string)origin["model"]!);
        Assert.Matches("^[0-9a-f]{64}$", (string)origin["preprocessing"]!);
        Assert.Matches(@"^\d+\.\d+", (string)origin["runtime"]!);
        Assert.Matches(@"^\d+\.\d+", (string)origin["version"]!);
        Assert.Equal(document["origins"]!.ToJsonString(), document["report"]!["provenance"]!["origins"]!.ToJsonString());
        using var page = await Client.GetAsync($"/v1/evaluations/{document["id"]}/report?format=html", Token);
        Assert.Contains((string)origin["preprocessing"]!, await page.Content.ReadAsStringAsync(Token));
        var submitted = await DoneAsync(new { dataset = "tiny", detections = Detections() });
        Assert.Null(submitted["origins"]);
        Assert.Null(submitted["report"]!["provenance"]!["origins"]);
    }

    [Fact]
    public async Task Submitted_masks_are_evaluated_again_and_give_the_same()
    {
        var before = await DoneAsync(new { dataset = "tiny", protocol = "coco-segm", detections = Detections() });

        var now = await Client.WaitUntilOverAsync(await RerunAsync(before));

        Assert.True((bool)now["rerun"]!["identical"]!, now.ToString());
        Assert.Empty(now["rerun"]!["differences"]!.AsArray());
        Assert.Equal(before.UndatedReport(), now.UndatedReport());
    }

    [Fact]
    public async Task Other_data_is_told_with_the_numbers_that_differ()
    {
        var before = await DoneAsync(new { dataset = "tiny", detections = Detections() });
        var file = Folder.File("data/tiny/annotations/instances_test.json");
        var annotations = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!;
        annotations["annotations"]![0]!["bbox"] = new JsonArray(40, 30, 5, 5);
        await File.WriteAllTextAsync(file, annotations.ToJsonString(), Token);

        var now = await Client.WaitUntilOverAsync(await RerunAsync(before));

        Assert.False((bool)now["rerun"]!["identical"]!);
        var differences = now["rerun"]!["differences"]!.AsArray();
        Assert.Equal("data", (string)differences[0]!["what"]!);
        Assert.NotEqual((string)differences[0]!["before"]!, (string)differences[0]!["now"]!);
        var ap = Assert.Single(differences, difference => (string)difference!["what"]! == "AP")!;
        Assert.Equal(((double)before["report"]!["stats"]![0]!).ToString("R"), (string)ap["before"]!);
        Assert.Equal(((double)now["report"]!["stats"]![0]!).ToString("R"), (string)ap["now"]!);
        Assert.Contains(differences, difference => (string)difference!["what"]! == "AP of light");
    }

    [Fact]
    public async Task What_cannot_be_run_again_is_refused()
    {
        var failed = new EvaluationRow
        {
            Id = "f",
            State = EvaluationState.Failed,
            Dataset = "tiny",
            Split = "test",
            DatasetHash = new string('0', 64),
            Protocol = "coco-bbox",
            CreatedAt = DateTime.UtcNow,
        };
        await Server.Services.GetRequiredService<EvaluationStore>().AddAsync(failed, submitted: null, Token);
        var gone = await DoneAsync(new { dataset = "tiny", split = "val", detections = Array.Empty<object>() });
        File.Delete(Folder.File("data/tiny/annotations/instances_val.json"));

        var unknown = await Client.PostAsync("/v1/evaluations/none/rerun", null, Token).ProblemAsync(HttpStatusCode.NotFound);
        var state = await Client.PostAsync("/v1/evaluations/f/rerun", null, Token).ProblemAsync(HttpStatusCode.Conflict);
        var split = await Client.PostAsync($"/v1/evaluations/{gone["id"]}/rerun", null, Token).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Equal("There is no evaluation \"none\". GET /v1/evaluations lists them.", unknown.Detail());
        Assert.Equal("Evaluation f is failed; only one that is done is run again.", state.Detail());
        Assert.StartsWith($"Evaluation {gone["id"]} cannot be run again: ", split.Detail());
    }

    private static object[] Detections() => [.. Enumerable.Range(0, Images).Select(i =>
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
        return new
        {
            image_id = i + 1, category_id = 1, bbox = new[] { x, y, w, h }, score = 0.9 - (i * 0.01),
            segmentation = new[] { new[] { x, y, x + w - (i % 3), y, x + w, y + h, x + 0.1, y + h } },
        };
    })];

    private async Task<JsonNode> DoneAsync(object request)
    {
        var document = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(request));
        Assert.True("done" == (string)document["state"]!, document.ToString());
        return document;
    }

    private async Task<Uri> RerunAsync(JsonNode evaluation)
    {
        using var response = await Client.PostAsync($"/v1/evaluations/{evaluation["id"]}/rerun", null, Token);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Token));
        return response.Headers.Location!;
    }
}
