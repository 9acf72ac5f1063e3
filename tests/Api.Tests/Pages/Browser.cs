using System.Reflection;
using Microsoft.Playwright;
using Serve.Api.Tests.Pages;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Serve.Api.Tests.Pages;

/// <summary>One chromium of the system for all tests of pages. It starts when the first of them asks.</summary>
public sealed class Browser : IAsyncDisposable
{
    // What a test needs nothing of, and would have it speak to others.
    private static readonly string[] Switches =
        ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>Milliseconds: a model that is loaded on a busy machine takes some.</summary>
    private const float Patience = 30_000;

    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Chromium)>> _started = new(StartAsync);

    private static string? Program { get; } = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]).FirstOrDefault(File.Exists);

    /// <summary>A new window of its own: nothing of other tests is stored in it. The test is skipped, with the reason, where there is no chromium.</summary>
    internal async Task<IBrowserContext> NewContextAsync(Uri server)
    {
        Assert.SkipWhen(Program is null, "Chromium is not installed: ./test installs Debian's package chromium where it may.");
        var context = await (await _started.Value).Chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = server.ToString(),
            Locale = "en-GB",
            Permissions = ["clipboard-read", "clipboard-write"],
            // A picture of a page has to show where it ends, and not half of a movement.
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            return;
        var (playwright, chromium) = await _started.Value;
        await chromium.CloseAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright Playwright, IBrowser Chromium)> StartAsync()
    {
        // The driver is run from the package, of which 120 MB would else be copied beside the tests.
        Environment.SetEnvironmentVariable("PLAYWRIGHT_DRIVER_SEARCH_PATH", PackageFolder);
        var playwright = await Playwright.CreateAsync();
        var chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Args = Switches,
        });
        return (playwright, chromium);
    }

    private static string PackageFolder
        => typeof(Browser).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "PlaywrightPackage").Value!;
}
