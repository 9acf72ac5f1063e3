using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed class LeaderboardPagesTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task A_leaderboard_is_made_submitted_to_and_a_submission_withdrawn()
    {
        await using var visit = await OpenAsync("/leaderboards", 400);
        var page = visit.Page;

        await page.GetByText("Make a leaderboard").ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("no name");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make", Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-field=name] .field-faults")).ToContainTextAsync("letters, digits");
        await Expect(page.Locator("[data-field=datasets] .field-faults")).ToContainTextAsync("a leaderboard measures on 1 to");
        await visit.LookAsync("leaderboard-refused");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("scenes");
        await page.GetByLabel("Title").FillAsync("Drawn scenes");
        await page.GetByLabel("Datasets").SelectOptionAsync($"{PagesServer.Scenes}/test");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Drawn scenes" })).ToBeVisibleAsync();

        await page.GetByText("Submit", new() { Exact = true }).First.ClickAsync();
        await page.GetByLabel("Method", new() { Exact = true }).FillAsync("trained on scenes");
        await page.Locator("[data-field=model] select").SelectOptionAsync($"{PagesServer.Scenes}@1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();
        await Expect(page.GetByText("9 of 10 submissions left")).ToBeVisibleAsync();
        await page.GetByText("Detections made elsewhere").ClickAsync();
        await page.GetByLabel("Method", new() { Exact = true }).FillAsync("one box");
        await page.GetByLabel("Detections", new() { Exact = true }).SetInputFilesAsync(await OneBoxAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit", Exact = true }).ClickAsync();
        var ranks = page.GetByRole(AriaRole.Region, new() { Name = "Ranks" }).Locator("table").First.Locator("tbody tr");
        await Expect(ranks).ToHaveCountAsync(2, new() { Timeout = 90_000 });
        await Expect(ranks.First).ToContainTextAsync("trained on scenes");
        await visit.LookAsync("leaderboard");
        var own = page.Locator("#own tbody tr", new() { HasTextString = "one box" });
        await own.GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Withdraw" }).ClickAsync();

        await Expect(own).ToContainTextAsync("withdrawn");
        await Expect(ranks).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Link, new() { Name = "Leaderboards" }).First.ClickAsync();
        await Expect(page.GetByText("trained on scenes: AP")).ToBeVisibleAsync();
        await visit.LookAsync("leaderboards");
    }

    [Fact]
    public async Task Divisions_are_tabs_that_the_arrow_keys_go_through_and_latency_is_drawn()
    {
        await using var visit = await OpenAsync("/workers");
        var page = visit.Page;
        await page.RouteAsync("**/v1/leaderboards/usb", route => route.FulfillAsync(new() { ContentType = "application/json", Body = Board() }));
        await page.RouteAsync("**/v1/leaderboards/usb/submissions?*", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """{"submissions":[],"total":0,"offset":0,"limit":100}""",
        }));
        await page.EvaluateAsync("async () => (await import('/app/router.js')).navigate('/leaderboards/usb')");
        var tabs = page.GetByRole(AriaRole.Tab);

        await Expect(tabs).ToHaveCountAsync(2);
        await Expect(page.Locator("figcaption", new() { HasTextString = "CAP against latency" })).ToBeVisibleAsync();
        await Expect(page.Locator("figcaption", new() { HasTextString = "Submissions of fast" })).ToBeVisibleAsync();
        await visit.LookAsync("leaderboard-divisions");
        await tabs.First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");

        await Expect(tabs.Nth(1)).ToBeFocusedAsync();
        await Expect(tabs.Nth(1)).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(page.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync("Not ranked: the results of Standard are missing");
        Assert.EndsWith("?division=large", page.Url);
    }

    private async Task<FilePayload> OneBoxAsync()
    {
        var images = await (await Server.ClientAsync()).GetAsync($"/v1/datasets/{PagesServer.Scenes}/images?split=test&limit=1", Token).JsonAsync();
        var detections = JsonSerializer.Serialize(new[] { new { image_id = (long)images["images"]![0]!["id"]!, category_id = 1, bbox = new[] { 1, 1, 5, 5 }, score = 0.5 } });
        return new() { Name = "results.json", MimeType = "application/json", Buffer = Encoding.UTF8.GetBytes(detections) };
    }

    private static string Board()
    {
        var rows = new JsonArray(Row("fast", 1, 0.41, 12, isPareto: true), Row("exact", 1, 0.45, 90, isPareto: true), Row("neither", 3, 0.3, 70, isPareto: false));
        var apart = Row("large only", null, 0.5, 300, isPareto: false);
        apart["division"] = new JsonObject { ["training"] = "1.0", ["evaluation"] = "Large", ["status"] = "incomplete", ["reasons"] = new JsonArray("the results of Standard are missing.") };
        return new JsonObject
        {
            ["name"] = "usb",
            ["title"] = "USB",
            ["protocol"] = "usb",
            ["datasets"] = new JsonArray(new JsonObject { ["name"] = "scenes", ["version"] = 1, ["split"] = "test" }),
            ["headline"] = "CAP",
            ["metrics"] = new JsonArray("CAP", "AP50"),
            ["owner"] = "ada",
            ["createdAt"] = "2026-11-01T00:00:00Z",
            ["isOpen"] = true,
            ["yourQuota"] = new JsonObject { ["limit"] = 5, ["used"] = 5, ["remaining"] = 0, ["resetsAt"] = "2026-11-28T00:00:00Z" },
            ["divisions"] = new JsonArray(Division("standard", "Standard", rows), Division("large", "Large", new JsonArray(apart))),
            ["waiting"] = new JsonArray(),
        }.ToJsonString();
    }

    private static JsonObject Division(string id, string name, JsonArray rows) => new() { ["id"] = id, ["name"] = name, ["description"] = $"{name} inputs.", ["rows"] = rows };

    private static JsonObject Row(string method, int? rank, double value, double milliseconds, bool isPareto) => new()
    {
        ["rank"] = rank,
        ["submission"] = method,
        ["method"] = method,
        ["submitter"] = "ada",
        ["kind"] = "model",
        ["model"] = "shapes",
        ["modelVersion"] = 2,
        ["submittedAt"] = "2026-11-20T10:00:00Z",
        ["headline"] = Headline(value),
        ["metrics"] = new JsonObject { ["CAP"] = value, ["AP50"] = value + 0.2 },
        ["datasets"] = new JsonArray(new JsonObject { ["dataset"] = "scenes", ["split"] = "test", ["evaluation"] = "e1", ["value"] = value }),
        ["latency"] = new JsonObject { ["p50Ms"] = milliseconds, ["p90Ms"] = 1.2 * milliseconds, ["images"] = 100, ["device"] = "cpu", ["provider"] = "CPUExecutionProvider" },
        ["isPareto"] = isPareto,
        ["declared"] = true,
        ["history"] = new JsonArray(new JsonObject { ["submission"] = "earlier", ["submittedAt"] = "2026-11-10T10:00:00Z", ["model"] = "shapes", ["modelVersion"] = 1, ["headline"] = Headline(value - 0.1) }),
    };

    private static JsonObject Headline(double value) => new() { ["value"] = value, ["lower"] = value - 0.02, ["upper"] = value + 0.02 };
}
