using System.Net;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

public class EvaluationTests(ServeFixture serve)
{
    [Fact]
    public async Task An_evaluation_of_a_model_ends_with_the_report()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", split = "test", model = "shapes", protocol = "coco-bbox" });

        var document = await serve.Client.WaitUntilOverAsync(address);

        Assert.Equal("done", (string)document["state"]!);
        Assert.Equal(1, (double)document["progress"]!);
        Assert.Null(document["error"]);
        Assert.Equal((3, 3), ((int)document["shards"]!["total"]!, (int)document["shards"]!["done"]!));
        var report = document["report"]!;
        Assert.Equal("coco-bbox", (string)report["protocol"]!);
        Assert.Equal(12, report["stats"]!.AsArray().Count);
        Assert.Equal(12, report["statsNames"]!.AsArray().Count);
        Assert.Equal(["light", "dark"], report["perCategory"]!.AsArray().Select(category => (string)category!["name"]!));
        Assert.InRange((double)report["stats"]![1]!, 0.0, 1);
        Assert.Equal(("tiny/test", "shapes"), ((string)report["provenance"]!["groundTruth"]!, (string)report["provenance"]!["model"]!));
        Assert.InRange((DateTimeOffset)report["provenance"]!["date"]!, (DateTimeOffset)document["startedAt"]!, (DateTimeOffset)document["finishedAt"]!);
        var alone = await serve.Client.GetAsync($"{address}/report", Token).JsonAsync();
        Assert.Equal(report.ToJsonString(), alone.ToJsonString());
    }

    [Fact]
    public async Task Submitted_detections_that_equal_the_truth_have_an_ap_of_one()
    {
        var detections = Enumerable.Range(0, 10).Select(i =>
        {
            var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
            return new { image_id = i + 1, category_id = 1, bbox = new[] { x, y, w, h }, score = 0.9 - (i * 0.01) };
        });

        var document = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(new { dataset = "tiny", detections }));

        Assert.Equal("done", (string)document["state"]!);
        Assert.Null(document["shards"]);
        Assert.Equal(1.0, (double)document["report"]!["stats"]![0]!, 12);
    }

    [Fact]
    public async Task A_report_is_answered_as_json_page_table_or_markdown()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", split = "test", model = "shapes" });
        await serve.Client.WaitUntilOverAsync(address);

        var answers = new List<(string? Type, string Text)>();
        foreach (var (path, accept) in new[]
        {
            ("/report", "*/*"), ("/report", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), ("/report", "text/csv"),
            ("/report?format=html", "application/json"), ("/report?format=markdown", "*/*"),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address + path) { Headers = { { "Accept", accept } } };
            using var response = await serve.Client.SendAsync(request, Token);
            answers.Add((response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(Token)));
        }

        Assert.Equal(["application/json", "text/html", "text/csv", "text/html", "text/markdown"], answers.Select(answer => answer.Type));
        Assert.Contains("<h1>shapes on tiny/test</h1>", answers[1].Text);
        Assert.StartsWith("scope,categoryId,", answers[2].Text);
        Assert.Equal(answers[1].Text, answers[3].Text);
        Assert.StartsWith("### coco-bbox: AP ", answers[4].Text);
        var problem = await serve.Client.GetAsync($"{address}/report?format=pdf", Token).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains("there are json, html, csv and markdown", problem.Detail());
    }

    [Fact]
    public async Task The_same_evaluation_again_detects_nothing_again()
    {
        var request = new { dataset = "tiny", split = "val", model = "other" };
        var first = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(request));

        var second = await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(request));

        Assert.Equal((2, 0), ((int)first["shards"]!["attempts"]!, (int)first["shards"]!["reused"]!));
        Assert.Equal((0, 2), ((int)second["shards"]!["attempts"]!, (int)second["shards"]!["reused"]!));
        Assert.Equal(first.UndatedReport(), second.UndatedReport());
    }

    [Fact]
    public async Task A_wrong_request_is_400_with_every_fault_and_what_there_is()
    {
        var problem = await serve.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "none", model = "nobody", protocol = "voc" }, Token)
            .ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("There is no dataset \"none\". Datasets: tiny.", (string)problem["errors"]!["dataset"]![0]!);
        Assert.Equal("There is no model \"nobody\". Models: other, shapes.", (string)problem["errors"]!["model"]![0]!);
        Assert.Equal($"There is no protocol \"voc\". Protocols: {string.Join(", ", Serve.Api.Evaluation.Protocols.Names)}.", (string)problem["errors"]!["protocol"]![0]!);
        Assert.Contains("Datasets: tiny.", problem.Detail());
    }

    [Fact]
    public async Task A_split_that_is_not_there_and_a_missing_source_are_400()
    {
        var split = await serve.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", split = "dev", model = "shapes" }, Token).ProblemAsync(HttpStatusCode.BadRequest);
        var source = await serve.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny" }, Token).ProblemAsync(HttpStatusCode.BadRequest);
        var empty = await serve.Client.PostAsJsonAsync("/v1/evaluations", new { }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("Dataset \"tiny\" has no split \"dev\". Splits: test, val.", (string)split["errors"]!["split"]![0]!);
        Assert.Equal("Either \"model\" or \"detections\" must be given. Models: other, shapes.", (string)source["errors"]!["model"]![0]!);
        Assert.Equal(["dataset", "model"], empty["errors"]!.AsObject().Select(fault => fault.Key));
    }

    [Fact]
    public async Task A_model_that_detects_none_of_the_categories_is_400()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 1);
        var annotations = folder.File("data/tiny/annotations/instances_test.json");
        var text = await File.ReadAllTextAsync(annotations, Token);
        await File.WriteAllTextAsync(annotations, text.Replace("\"light\"", "\"cat\"", StringComparison.Ordinal).Replace("\"dark\"", "\"dog\"", StringComparison.Ordinal), Token);
        await using var server = await ServeApplication.StartAsync(folder.Path);

        var problem = await server.Client.PostAsJsonAsync("/v1/evaluations", new { dataset = "tiny", model = "shapes" }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(
            "Model \"shapes\" detects none of the dataset's categories. The model's: light, dark. The dataset's: cat, dog.",
            (string)problem["errors"]!["model"]![0]!);
    }

    [Fact]
    public async Task Wrong_detections_are_400_with_the_place_of_each()
    {
        var request = new
        {
            dataset = "tiny",
            detections = new object[]
            {
                new { image_id = 99, category_id = 1, bbox = new[] { 0, 0, 1, 1 }, score = 1 },
                new { image_id = 1, category_id = 1, bbox = new[] { 0, 0, 1 }, score = 1 },
                new { image_id = 1, category_id = 1, bbox = new[] { 0, 0, -1, 1 }, score = 1 },
            },
        };

        var problem = await serve.Client.PostAsJsonAsync("/v1/evaluations", request, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(
            [
                "detections[0]: \"image_id\" is 99, which is not an image of the dataset (10 images).",
                "detections[1]: \"bbox\" has 3 values; it must be [x, y, width, height], four finite numbers.",
                "detections[2]: \"bbox\" has the width -1 and the height 1; they must be 0 or more.",
            ],
            problem["errors"]!["detections"]!.AsArray().Select(fault => (string)fault!));
    }

    [Theory]
    [InlineData("""{"dataset":5}""", "$.dataset")]
    [InlineData("""{"dataset":"tiny","detections":[{"image_id":1}""", "$.detections")]
    [InlineData("""{"dataset":"tiny",""", "$")]
    public async Task Malformed_json_is_400_with_its_path(string json, string path)
    {
        var problem = await serve.Client.PostAsync("/v1/evaluations", new StringContent(json, System.Text.Encoding.UTF8, "application/json"), Token)
            .ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith($"The JSON body is wrong at {path}", problem.Detail());
        Assert.DoesNotContain("System.", problem.Detail());
    }

    [Fact]
    public async Task Another_content_type_is_415_and_an_upload_above_the_limit_is_413()
    {
        await serve.Client.PostAsync("/v1/evaluations", new StringContent("x"), Token).ProblemAsync(HttpStatusCode.UnsupportedMediaType);

        using var large = new HttpRequestMessage(HttpMethod.Post, "/v1/evaluations")
        {
            Content = new StringContent(new string(' ', 1_100_000), System.Text.Encoding.UTF8, "application/json"),
            // The server refuses by the length alone and closes; so the client must ask before it sends.
            Headers = { ExpectContinue = true },
        };
        await serve.Client.SendAsync(large, Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_unknown_evaluation_is_404()
    {
        await serve.Client.GetAsync("/v1/evaluations/none", Token).ProblemAsync(HttpStatusCode.NotFound);
        await serve.Client.GetAsync("/v1/evaluations/none/events", Token).ProblemAsync(HttpStatusCode.NotFound);
        await serve.Client.GetAsync("/v1/evaluations/none/report", Token).ProblemAsync(HttpStatusCode.NotFound);
        await serve.Client.DeleteAsync("/v1/evaluations/none", Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task List_is_paged_and_newest_first()
    {
        var older = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var newer = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });

        var page = await serve.Client.GetAsync("/v1/evaluations?limit=200", Token).JsonAsync();

        var ids = page["evaluations"]!.AsArray().Select(evaluation => (string)evaluation!["id"]!).ToList();
        Assert.True(ids.IndexOf(Id(newer)) < ids.IndexOf(Id(older)));
        Assert.Equal(ids.Count, (int)page["total"]!);
        var second = await serve.Client.GetAsync("/v1/evaluations?offset=1&limit=1", Token).JsonAsync();
        Assert.Single(second["evaluations"]!.AsArray());
        await serve.Client.GetAsync("/v1/evaluations?limit=0", Token).ProblemAsync(HttpStatusCode.BadRequest);
        await serve.Client.GetAsync("/v1/evaluations?offset=-1", Token).ProblemAsync(HttpStatusCode.BadRequest);
        await serve.Client.WaitUntilOverAsync(newer);
    }

    [Fact]
    public async Task List_has_only_what_is_asked_for_with_the_number_that_it_is_ranked_by()
    {
        var asked = await serve.Client.EvaluateAsync(new { dataset = "tiny", split = "test", model = "other", protocol = "voc-2012" });
        var document = await serve.Client.WaitUntilOverAsync(asked);
        await serve.Client.WaitUntilOverAsync(await serve.Client.EvaluateAsync(new { dataset = "tiny", split = "test", model = "other" }));

        var page = await serve.Client.GetAsync("/v1/evaluations?state=done&dataset=tiny&protocol=voc-2012&model=other&limit=500", Token).JsonAsync();
        var none = await serve.Client.GetAsync("/v1/evaluations?state=failed&protocol=voc-2012&model=other", Token).JsonAsync();
        var problem = await serve.Client.GetAsync("/v1/evaluations?state=over", Token).ProblemAsync(HttpStatusCode.BadRequest);

        var found = page["evaluations"]!.AsArray();
        Assert.All(found, evaluation => Assert.Equal(("voc-2012", "other", "done"), ((string)evaluation!["protocol"]!, (string)evaluation["model"]!, (string)evaluation["state"]!)));
        Assert.Equal(found.Count, (int)page["total"]!);
        var headline = found.Single(evaluation => (string)evaluation!["id"]! == Id(asked))!["headline"]!;
        Assert.Equal(("mAP", (double)document["report"]!["stats"]![0]!), ((string)headline["name"]!, (double)headline["value"]!));
        Assert.InRange((double)headline["value"]!, (double)headline["lower"]!, (double)headline["upper"]!);
        Assert.Equal(0, (int)none["total"]!);
        Assert.Contains("there are queued, running, done, failed, cancelled", problem.Detail());
    }

    [Fact]
    public async Task A_cancelled_evaluation_stays_cancelled_and_has_no_report()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 300);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:ShardImages", "2"), ("Serve:MaxConcurrentJobs", "1"));
        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await server.Client.WaitAsync(address, document => (int?)document["shards"]?["done"] > 1);

        var early = await server.Client.GetAsync($"{address}/report", Token).ProblemAsync(HttpStatusCode.Conflict);
        var cancelled = await server.Client.DeleteAsync(address, Token).JsonAsync();
        var again = await server.Client.DeleteAsync(address, Token).JsonAsync();
        await Task.Delay(500, Token);
        var later = await server.Client.GetAsync(address, Token).JsonAsync();
        var report = await server.Client.GetAsync($"{address}/report", Token).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Contains("is not done yet", early.Detail());
        Assert.Equal("cancelled", (string)cancelled["state"]!);
        Assert.Equal("cancelled", (string)again["state"]!);
        Assert.Equal((int)cancelled["shards"]!["done"]!, (int)later["shards"]!["done"]!);
        Assert.Contains("was cancelled", report.Detail());
    }

    [Fact]
    public async Task A_finished_evaluation_cannot_be_cancelled()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        await serve.Client.WaitUntilOverAsync(address);

        var problem = await serve.Client.DeleteAsync(address, Token).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Contains("is over", problem.Detail());
    }

    [Fact]
    public async Task A_missing_picture_fails_the_evaluation_with_its_name_and_no_path()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        TestDataset.Write(folder.File("data/tiny"), images: 6);
        File.Delete(folder.File("data/tiny/images/5.png"));
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:ShardImages", "2"));

        var document = await server.Client.WaitUntilOverAsync(await server.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" }));

        Assert.Equal("failed", (string)document["state"]!);
        Assert.Contains("5.png", (string)document["error"]!);
        Assert.DoesNotContain(folder.Path, (string)document["error"]!);
    }

    [Fact]
    public async Task Protocols_are_listed()
    {
        var list = await serve.Client.GetAsync("/v1/protocols", Token).JsonAsync();

        Assert.Equal(
            ["coco-bbox", "coco-segm", "coco-boundary", "lvis-bbox", "lvis-segm", "lvis-boundary", "lvis-fixed-bbox", "lvis-fixed-segm", "lvis-fixed-boundary", "voc-2007", "voc-2012", "usb", "usb-wod", "usb-m109s"],
            list["protocols"]!.AsArray().Select(protocol => (string)protocol!["name"]!));
    }

    private static string Id(Uri address) => address.OriginalString.Split('/')[^1];

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
