using Microsoft.Playwright;
using Serve.Api.Tests.Access;

namespace Serve.Api.Tests.Pages;

[Collection(nameof(PageTest))]
public sealed class SignInTests(Browser browser) : KeyedServer
{
    [Fact]
    public async Task A_server_that_needs_keys_is_used_with_one_until_it_is_signed_out()
    {
        var reader = await NewKeyAsync("ann", "reader");
        await using var visit = await PageVisit.OpenAsync(browser, Client.BaseAddress!, "/models", 401);
        var page = visit.Page;
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Sign in with a key" });
        var key = dialog.GetByLabel("Key");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a key" }).ClickAsync();
        await key.FillAsync("serve_nothing");
        await key.PressAsync("Enter");
        await Assertions.Expect(dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await visit.LookAsync("sign-in");
        await key.FillAsync(reader);
        await key.PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "shapes" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#who")).ToContainTextAsync("ann · reader");
        await Assertions.Expect(page.GetByText("Send a model")).ToHaveCountAsync(0);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => localStorage.length"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a key" })).ToBeVisibleAsync();
    }
}
