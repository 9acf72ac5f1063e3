using Microsoft.Playwright;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed class ModelPagesTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task The_models_are_listed_and_sorted_by_their_heads()
    {
        await using var visit = await OpenAsync("/models");
        var rows = visit.Page.Locator("tbody tr");

        await Expect(rows.First).ToContainTextAsync("blood-cells");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Model", Exact = true }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Model", Exact = true }).ClickAsync();

        await Expect(visit.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Model" })).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(rows.Last).ToContainTextAsync("blood-cells");
        await visit.LookAsync("models");
    }

    [Fact]
    public async Task A_model_tells_where_it_comes_from_and_what_it_was_measured_at()
    {
        await using var visit = await OpenAsync("/models/blood-cells");
        var page = visit.Page;

        await Expect(page.GetByText("nothing: it began with random weights")).ToBeVisibleAsync();
        await Expect(page.Locator(".stats")).ToContainTextAsync("61.4");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Results that stand in its passport" }).Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(page.GetByText("Platelets")).ToBeVisibleAsync();
        await visit.LookAsync("model");
    }

    [Fact]
    public async Task A_model_is_sent_unloaded_loaded_and_deleted()
    {
        using var folder = TestFiles.NewFolder();
        var files = Directory.GetFiles(TestModel.Write(folder.Path, "sent", version: 1));
        await using var visit = await OpenAsync("/models", 422);
        var page = visit.Page;

        await page.GetByText("Send a model").ClickAsync();
        await page.GetByLabel("ONNX file, and what belongs to it").SetInputFilesAsync(new FilePayload { Name = "sent.onnx", MimeType = "application/octet-stream", Buffer = "no graph"u8.ToArray() });
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("sent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.GetByLabel("ONNX file, and what belongs to it").SetInputFilesAsync(files);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "sent 1" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Unload" }).ClickAsync();
        await Expect(page.Locator(".heading .badge")).ToHaveTextAsync("unloaded");
        await page.GetByRole(AriaRole.Button, new() { Name = "Load", Exact = true }).ClickAsync();
        await Expect(page.Locator(".heading .badge")).ToHaveTextAsync("ready");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Models", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "sent" })).ToHaveCountAsync(0);
    }
}
