using Microsoft.Playwright;

namespace Serve.Api.Tests.Pages;

public sealed class ShellTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task Links_change_the_page_without_loading_everything_anew_and_the_browser_goes_back()
    {
        await using var visit = await OpenAsync("/models");
        var page = visit.Page;
        await page.EvaluateAsync("() => { window.stayed = true; }");

        await page.GetByRole(AriaRole.Link, new() { Name = "Datasets", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Datasets", Level = 1 })).ToBeFocusedAsync();
        var there = (await page.TitleAsync(), await page.Locator(".pages [aria-current]").TextContentAsync());
        await page.GoBackAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Models", Level = 1 })).ToBeVisibleAsync();

        Assert.Equal(("Datasets · Serve", "Datasets"), there);
        Assert.EndsWith("/models", page.Url, StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("() => window.stayed"));
    }

    [Fact]
    public async Task The_keyboard_skips_to_the_content_and_opens_the_menu_of_a_phone()
    {
        await using var visit = await OpenAsync("/workers");
        var page = visit.Page;

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await page.SetViewportSizeAsync(360, 740);
        var menu = page.GetByRole(AriaRole.Button, new() { Name = "Menu" });
        await menu.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Leaderboards" })).ToBeVisibleAsync();
        await visit.LookAsync("menu");
        await page.SetViewportSizeAsync(360, 740);
        await page.Keyboard.PressAsync("Escape");

        await Expect(menu).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Leaderboards" })).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_theme_that_is_chosen_stays()
    {
        await using var visit = await OpenAsync("/workers");
        var page = visit.Page;
        var theme = page.Locator("html");

        await Expect(theme).ToHaveAttributeAsync("data-theme", "light");
        await page.GetByRole(AriaRole.Radio, new() { Name = "Dark" }).CheckAsync(new() { Force = true });
        await Expect(theme).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();

        await Expect(theme).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "Dark" })).ToBeCheckedAsync();
    }

    [Fact]
    public async Task What_is_not_there_is_told_by_a_page()
    {
        await using (var visit = await OpenAsync("/nothing/here", 404))
        {
            await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "There is no such page" })).ToBeVisibleAsync();
            await visit.LookAsync("not-found");
        }

        await using var unknown = await OpenAsync("/models/nobody", 404);
        await Expect(unknown.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nobody");
    }
}
