using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Serve.Api.Tests.Pages;

/// <summary>A page in a window of its own. What goes wrong in it is noted, and told when the visit ends.</summary>
internal sealed class PageVisit : IAsyncDisposable
{
    private static readonly (int Width, ColorScheme Theme)[] Forms =
        [(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (360, ColorScheme.Light), (360, ColorScheme.Dark)];

    // Told in full of what is wrong only: of the rest axe would write down every element.
    private static readonly AxeRunOptions ViolationsAlone = new() { ResultTypes = [ResultType.Violations] };

    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];
    private readonly List<int> _expected = [];

    private PageVisit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Opens a page and waits until it is shown.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="server">Address of the server.</param>
    /// <param name="path">The page's path and query.</param>
    /// <param name="expected">Statuses of failed requests that are part of the test; others are faults.</param>
    public static async Task<PageVisit> OpenAsync(Browser browser, Uri server, string path, params int[] expected)
    {
        var context = await browser.NewContextAsync(server);
        var page = await context.NewPageAsync();
        var visit = new PageVisit(context, page);
        visit._expected.AddRange(expected);
        page.Console += (_, message) => visit.Note(message);
        page.PageError += (_, fault) => visit._faults.Add(fault);
        page.RequestFailed += (_, request) => visit.Note(request);
        page.Response += (_, response) => visit.Note(response);
        await page.SetViewportSizeAsync(1280, 800);
        await page.GotoAsync(path);
        await visit.SettleAsync();
        return visit;
    }

    /// <summary>Waits until the page that was gone to is shown.</summary>
    public Task SettleAsync() => Page.Locator("main:not([aria-busy]) h1").First.WaitForAsync();

    /// <summary>Fails when something went wrong so far.</summary>
    public void RequireNoFaults() => Assert.True(_faults.Count == 0, string.Join('\n', _faults));

    /// <summary>
    /// Looks at the page as it is now, wide and on a phone, light and dark: nothing sticks out to the side, axe finds nothing serious, and a screenshot is kept as
    /// <c>artifacts/screenshots/NAME-1280-light.png</c>.
    /// </summary>
    public async Task LookAsync(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestFiles.Root, "artifacts", "screenshots")).FullName;
        foreach (var (width, theme) in Forms)
        {
            var form = $"{name}-{width}-{theme.ToString().ToLowerInvariant()}";
            await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = theme });
            await Page.SetViewportSizeAsync(width, width < 600 ? 740 : 800);
            // Charts and pictures draw themselves anew when they are told of their size, which is in the next frame.
            await Page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
            var wide = await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(wide <= width, $"{form}: the page is {wide} pixels wide.");
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{form}.png"), FullPage = true });
            if (theme == ColorScheme.Light == width > 600)
                await RequireAccessibleAsync(form);
        }
        await Page.SetViewportSizeAsync(1280, 800);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        RequireNoFaults();
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        RequireNoFaults();
    }

    private async Task RequireAccessibleAsync(string form)
    {
        var found = await Page.RunAxe(ViolationsAlone);
        var serious = found.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{form}: {violation.Impact}: {violation.Help} ({violation.Id}) at {string.Join(", ", violation.Nodes.Take(3).Select(node => $"{node.Target} {node.Html}"))}");
        Assert.Empty(serious);
    }

    private void Note(IConsoleMessage message)
    {
        // Of each failed request the browser writes a line, which its own note tells better.
        if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            _faults.Add($"console: {message.Text}");
    }

    private void Note(IRequest request)
    {
        // A page that is left gives up what it has asked for.
        if (request.Failure is not "net::ERR_ABORTED")
            _faults.Add($"{request.Method} {request.Url}: {request.Failure}");
    }

    private void Note(IResponse response)
    {
        if (response.Status >= 400 && !_expected.Contains(response.Status))
            _faults.Add($"{response.Request.Method} {response.Url}: {response.Status}");
    }
}
