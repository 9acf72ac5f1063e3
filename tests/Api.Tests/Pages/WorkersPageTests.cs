namespace Serve.Api.Tests.Pages;

public sealed class WorkersPageTests(Browser browser, PagesServer server) : PageTest(browser, server)
{
    [Fact]
    public async Task The_servers_are_listed_with_what_they_do_and_looked_at_again_and_again()
    {
        await using var visit = await OpenAsync("/workers");
        var page = visit.Page;

        await Expect(page.GetByText("1 server alive, no job runs.")).ToBeVisibleAsync();
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("alive");
        await visit.LookAsync("workers");

        await page.WaitForResponseAsync(response => response.Url.EndsWith("/v1/workers", StringComparison.Ordinal));
    }
}
