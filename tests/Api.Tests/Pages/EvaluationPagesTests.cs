using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed class EvaluationPagesTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    private const string Running = "01a21f00000000000000000000000001";

    [Fact]
    public async Task An_evaluation_is_asked_for_watched_and_read()
    {
        await using var visit = await OpenAsync("/evaluations");
        var page = visit.Page;

        await page.GetByText("Start an evaluation").ClickAsync();
        await page.GetByLabel("Model", new() { Exact = true }).First.SelectOptionAsync($"{PagesServer.Scenes}@1");
        await page.Locator("select[name=split]").SelectOptionAsync("test");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"{PagesServer.Scenes} 1 on {PagesServer.Scenes}/test" })).ToBeVisibleAsync();
        await page.Locator("#numbers").WaitForAsync(new() { Timeout = 90_000 });

        await Expect(page.Locator("#numbers dt").First).ToHaveTextAsync("AP");
        await Expect(page.Locator("#categories tbody tr")).ToHaveCountAsync(8);
        await Expect(page.Locator("#gallery .gallery figure canvas").First).ToBeVisibleAsync();
        await Expect(page.Locator("#origin")).ToContainTextAsync("Annotations, SHA-256");
        foreach (var part in new[] { "curves", "sizes", "errors", "confusion" })
            await Expect(page.Locator($"#{part} figure").First).ToBeVisibleAsync();
        await visit.LookAsync("evaluation");
    }

    [Fact]
    public async Task Faults_of_a_request_stand_at_their_fields()
    {
        await using var visit = await OpenAsync("/evaluations?start", 400);
        var page = visit.Page;
        var start = page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true });

        await page.GetByText("Detections made elsewhere").ClickAsync();
        await start.ClickAsync();
        await Expect(page.Locator("[data-field=detections] .field-faults")).ToContainTextAsync("must be given");
        var detections = """[{"image_id": 99999, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}, {"image_id": 17, "category_id": 1, "bbox": [1, 2, 3], "score": 0.5}]""";
        await page.GetByLabel("Detections", new() { Exact = true })
            .SetInputFilesAsync(new FilePayload { Name = "results.json", MimeType = "application/json", Buffer = Encoding.UTF8.GetBytes(detections) });
        await start.ClickAsync();

        await Expect(page.Locator("[data-field=detections] .field-faults li")).ToHaveCountAsync(2);
        await Expect(page.Locator("[data-field=detections] .field-faults")).ToContainTextAsync("detections[1]: \"bbox\" has 3 values");
        await Expect(page.Locator("input[name=detections]")).ToHaveAttributeAsync("aria-invalid", "true");
        await visit.LookAsync("evaluation-refused");
    }

    [Fact]
    public async Task Evaluations_are_filtered_and_two_of_them_compared_with_their_images()
    {
        var (model, detections) = await TwoAsync();
        await using var visit = await OpenAsync($"/evaluations?protocol=coco-bbox&dataset={PagesServer.Scenes}&state=done");
        var page = visit.Page;

        await page.Locator($"#choose-{model}").CheckAsync();
        await Expect(page.GetByText("Choose another one to compare with")).ToBeVisibleAsync();
        await page.Locator($"#choose-{detections}").CheckAsync();
        await visit.LookAsync("evaluations");
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare 2" }).ClickAsync();
        await Expect(page.Locator("#verdict h2")).ToHaveTextAsync($"AP: {PagesServer.Scenes} 1 is best");
        await Expect(page.Locator("#verdict")).ToContainTextAsync($"{PagesServer.Scenes} 1 is better than detections");
        await Expect(page.Locator("#differences figure")).ToHaveCountAsync(3);
        await page.Locator("#images button", new() { HasTextString = "Look" }).First.ClickAsync();
        await Expect(page.Locator("#images .gallery figure canvas")).ToHaveCountAsync(2);

        await visit.LookAsync("compare");
    }

    [Fact]
    public async Task Evaluations_to_compare_are_chosen_on_the_page_of_comparisons()
    {
        var (model, _) = await TwoAsync();
        await using var visit = await OpenAsync($"/compare?ids={model}");
        var page = visit.Page;

        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Checked = true })).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Compare", Exact = true })).ToBeDisabledAsync();
        await visit.LookAsync("compare-choose");
        await page.GetByRole(AriaRole.Row, new() { Name = "Submitted detections" }).First.GetByRole(AriaRole.Checkbox).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare 2" }).ClickAsync();

        await Expect(page.Locator("#verdict")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_runs_tells_how_far_it_is_and_what_it_waits_for_and_is_cancelled()
    {
        var state = "running";
        await using var visit = await OpenAsync("/evaluations");
        var page = visit.Page;
        await page.RouteAsync($"**/v1/evaluations/{Running}", async route =>
        {
            if (route.Request.Method == "DELETE")
                state = "cancelled";
            var (waiting, finished) = state == "running" ? ("\"The only slot is taken; 1 evaluation comes before this one.\"", "null") : ("null", "\"2026-11-27T10:01:00Z\"");
            var document = $$"""
                {
                  "id": "{{Running}}", "state": "{{state}}", "owner": "local", "progress": 0.25, "dataset": "tiny", "split": "test", "model": "shapes", "version": 2, "protocol": "coco-bbox",
                  "createdAt": "2026-11-27T10:00:00Z", "waiting": {{waiting}}, "finishedAt": {{finished}}, "shards": { "total": 4, "done": 1 }
                }
                """;
            await route.FulfillAsync(new() { Body = document, ContentType = "application/json" });
        });
        await page.RouteAsync($"**/v1/evaluations/{Running}/events", route => state == "running"
            ? route.FulfillAsync(new()
            {
                ContentType = "text/event-stream",
                Body = $$"""id: {{DateTime.UtcNow.Ticks}}{{"\n"}}event: progress{{"\n"}}data: {"state":"running","progress":0.5,"shardsDone":2,"shards":4,"secondsLeft":75}{{"\n\n"}}""",
            })
            : route.FulfillAsync(new() { Status = 204 }));

        await page.EvaluateAsync($"async () => (await import('/app/router.js')).navigate('/evaluations/{Running}')");
        await Expect(page.GetByText("50 % · 2 of 4 pieces · about 1 min 15 s left")).ToBeVisibleAsync();
        await Expect(page.GetByText("Waiting: The only slot is taken; 1 evaluation comes before this one.")).ToBeVisibleAsync();
        await visit.LookAsync("evaluation-running");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await Expect(page.GetByText("cancelled", new() { Exact = true })).ToBeVisibleAsync(new() { Timeout = 15_000 });
    }

    [Fact]
    public async Task What_is_withheld_is_said_where_it_would_stand()
    {
        var (model, _) = await TwoAsync();
        await using var visit = await OpenAsync("/workers");
        var page = visit.Page;
        await page.RouteAsync($"**/v1/evaluations/{model}", async route =>
        {
            var answer = await route.FetchAsync();
            var document = JsonNode.Parse(await answer.TextAsync())!;
            var report = document["report"]!;
            foreach (var category in report["perCategory"]!.AsArray())
                category!["objects"] = null;
            (report["errors"], report["curves"], report["groundTruths"], report["detections"]) = (null, new JsonArray(), null, null);
            report["withheld"] = new JsonArray("groundTruths", "detections", "perCategory.objects", "curves", "errors", "warnings");
            await route.FulfillAsync(new() { Response = answer, Body = document.ToJsonString() });
        });
        await page.RouteAsync($"**/v1/evaluations/{model}/gallery?*", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"evaluation":"x","kind":"worst","images":[],"total":null,"offset":0,"limit":12,"withheld":["images"]}""",
        }));

        await page.EvaluateAsync($"async () => (await import('/app/router.js')).navigate('/evaluations/{model}')");

        await Expect(page.Locator("#curves .note")).ToContainTextAsync("Curves are withheld");
        await Expect(page.Locator("#errors .note")).ToContainTextAsync("single images are withheld");
        await Expect(page.Locator("#gallery .note")).ToContainTextAsync("withheld");
        await Expect(page.Locator("#numbers")).ToContainTextAsync("number of objects withheld");
        await visit.LookAsync("evaluation-withheld");
    }

    /// <summary>Ids of two evaluations: of the model, and of a single detection, which is worse.</summary>
    private async Task<(string Model, string Detections)> TwoAsync()
    {
        var client = await Server.ClientAsync();
        var images = await client.GetAsync($"/v1/datasets/{PagesServer.Scenes}/images?split=test&limit=1", Token).JsonAsync();
        var detections = new[] { new { image_id = (long)images["images"]![0]!["id"]!, category_id = 1, bbox = new[] { 1, 1, 5, 5 }, score = 0.5 } };
        var model = await client.WaitUntilOverAsync(await client.EvaluateAsync(new { dataset = PagesServer.Scenes, split = "test", model = PagesServer.Scenes }));
        var other = await client.WaitUntilOverAsync(await client.EvaluateAsync(new { dataset = PagesServer.Scenes, split = "test", detections }));
        Assert.Equal(("done", "done"), ((string)model["state"]!, (string)other["state"]!));
        return ((string)model["id"]!, (string)other["id"]!);
    }
}
