using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace Serve.Api.Tests.Pages;

public sealed class TryTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task A_picture_is_tried_and_the_slider_shows_more_or_less_of_it_without_asking_again()
    {
        await using var visit = await OpenAsync("/");
        var page = visit.Page;
        var asked = 0;
        page.Request += (_, request) => asked += request.Url.Contains("/v1/detect", StringComparison.Ordinal) ? 1 : 0;

        await page.Locator("#picture-file").SetInputFilesAsync(Server.Picture);
        var found = page.Locator(".found button");
        await found.First.WaitForAsync();
        var few = await found.CountAsync();
        var slider = page.GetByRole(AriaRole.Slider);
        await slider.FillAsync("0.05");
        var many = await found.CountAsync();
        var title = await page.GetByRole(AriaRole.Heading, new() { Name = "Found" }).TextContentAsync();
        await slider.FillAsync("1");
        await Expect(page.GetByText("Nothing with such a score.")).ToBeVisibleAsync();
        await slider.FillAsync("0.3");

        Assert.InRange(few, 1, many - 1);
        Assert.Equal($"Found {many}", title);
        Assert.Equal(1, asked);
        await visit.LookAsync("try");
    }

    [Fact]
    public async Task Boxes_are_picked_by_keys_by_the_pointer_and_in_the_list()
    {
        await using var visit = await OpenAsync("/");
        var page = visit.Page;
        await page.Locator("#picture-file").SetInputFilesAsync(Server.Picture);
        var found = page.Locator(".found button");
        await found.First.WaitForAsync();
        var picture = page.Locator(".picture");
        var picked = page.Locator(".picture [role=option][aria-selected=true]");

        await picture.FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(picked).ToHaveTextAsync(await TextOfAsync(found.First));
        await Expect(found.First).ToHaveClassAsync("picked");
        await page.Keyboard.PressAsync("End");
        await Expect(picked).ToHaveTextAsync(await TextOfAsync(found.Last));
        await page.Keyboard.PressAsync("Escape");
        await Expect(picked).ToHaveCountAsync(0);
        await found.Nth(1).FocusAsync();

        await Expect(picked).ToHaveTextAsync(await TextOfAsync(found.Nth(1)));
    }

    [Fact]
    public async Task The_curl_line_and_the_answer_are_copied_and_the_curl_line_is_what_the_page_asks()
    {
        await using var visit = await OpenAsync("/");
        var page = visit.Page;
        await page.Locator("#picture-file").SetInputFilesAsync(Server.Picture);
        await page.Locator(".found button").First.WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Copy curl" }).ClickAsync();
        await Expect(page.Locator("#status")).ToHaveTextAsync("Copied.");
        var line = await page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        var copy = page.GetByRole(AriaRole.Button, new() { Name = "Copy JSON" });
        await copy.ClickAsync();
        await Expect(copy).ToHaveCountAsync(0);
        var answer = JsonNode.Parse(await page.EvaluateAsync<string>("() => navigator.clipboard.readText()"))!;

        Assert.Matches($@"^curl -F image=@{Path.GetFileName(Server.Picture)} \\\s+""http://127\.0\.0\.1:\d+/v1/detect\?model={PagesServer.Scenes}&version=1&score=0\.\d\d""$", line);
        Assert.Equal((PagesServer.Scenes, 1), ((string)answer["model"]!, answer["images"]!.AsArray().Count));
    }

    [Fact]
    public async Task What_is_no_picture_is_told_in_the_servers_words_and_another_model_is_asked_anew()
    {
        await using var visit = await OpenAsync("/", 415);
        var page = visit.Page;

        await page.Locator("#picture-file").SetInputFilesAsync(new FilePayload { Name = "nothing.png", MimeType = "image/png", Buffer = "no picture"u8.ToArray() });
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nothing.png");
        await visit.LookAsync("try-refused");
        await page.Locator("#picture-file").SetInputFilesAsync(Server.Picture);
        await page.Locator(".found button").First.WaitForAsync();
        await page.Locator("select").SelectOptionAsync("blood-cells 1");

        await Expect(page.GetByText("blood-cells 1 on cpu")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    private static async Task<string> TextOfAsync(ILocator found)
        => $"{await found.Locator(".found-name").TextContentAsync()} {await found.Locator(".found-score").TextContentAsync()}";
}
