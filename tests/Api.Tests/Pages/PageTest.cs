using Microsoft.Playwright;

namespace Serve.Api.Tests.Pages;

/// <summary>
/// A test of pages in the browser, on the server that they share. All are one collection and follow one another: pages wait for each other's processor time
/// otherwise.
/// </summary>
[Collection(nameof(PageTest))]
public abstract class PageTest(Browser browser, PagesServer server)
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected PagesServer Server => server;

    private protected async Task<PageVisit> OpenAsync(string path, params int[] expected) => await PageVisit.OpenAsync(browser, await server.AddressAsync(), path, expected);

    private protected Task<PageVisit> OpenAsync(Uri address, string path, params int[] expected) => PageVisit.OpenAsync(browser, address, path, expected);

    private protected static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);
}
