using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed class DatasetPagesTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task A_dataset_shows_its_splits_how_large_its_objects_are_and_its_pictures()
    {
        await using var visit = await OpenAsync("/datasets");
        var page = visit.Page;
        await visit.LookAsync("datasets");

        await page.GetByRole(AriaRole.Link, new() { Name = PagesServer.Scenes }).ClickAsync();
        await Expect(page.GetByText("Relative scale", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.Locator(".stats")).ToContainTextAsync("Images12");
        await Expect(page.Locator(".pictures figure")).ToHaveCountAsync(8);
        await visit.LookAsync("dataset");
        await page.GetByRole(AriaRole.Button, new() { Name = "Later" }).ClickAsync();
        await Expect(page.GetByText("9 to 12 of 12")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "val" }).CheckAsync(new() { Force = true });

        await Expect(page.Locator(".stats")).ToContainTextAsync("Images8");
    }

    [Fact]
    public async Task A_dataset_is_refused_with_all_its_faults_and_mended_registered_published_and_deleted()
    {
        using var folder = TestFiles.NewFolder();
        TestDataset.WriteOne(folder.File("marks"), images: 3);
        var annotations = folder.File("marks/annotations/instances_test.json");
        var good = await File.ReadAllTextAsync(annotations, Token);
        var json = JsonNode.Parse(good)!;
        (json["annotations"]![0]!["category_id"], json["annotations"]![1]!["bbox"]) = (9, new JsonArray(1, 2, -3, 4));
        await File.WriteAllTextAsync(annotations, json.ToJsonString(), Token);
        var bad = TestArchives.ZipOf(folder.File("marks"));
        await File.WriteAllTextAsync(annotations, good, Token);
        await using var visit = await OpenAsync("/datasets", 400);
        var page = visit.Page;
        var register = page.GetByRole(AriaRole.Button, new() { Name = "Register" });

        await page.GetByText("Register a dataset").ClickAsync();
        await page.GetByLabel("Archive (zip, tar or tar.gz)").SetInputFilesAsync(Zip(bad));
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("marks");
        await register.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("annotation #1 (id 1) category_id");
        await visit.LookAsync("dataset-refused");
        await page.GetByLabel("Archive (zip, tar or tar.gz)").SetInputFilesAsync(Zip(TestArchives.ZipOf(folder.File("marks"))));
        await register.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "marks" })).ToBeVisibleAsync();
        await Expect(page.GetByText("What its check found")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make public" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Make public" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Make private" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Datasets", Level = 1 })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "marks" })).ToHaveCountAsync(0);
    }

    private static FilePayload Zip(byte[] bytes) => new() { Name = "marks.zip", MimeType = "application/zip", Buffer = bytes };
}
