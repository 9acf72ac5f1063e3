using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Serve.Api.Pages;

/// <summary>Which requests are for a page. All pages are one file, <c>index.html</c>, whose scripts show what belongs to the address.</summary>
internal static partial class PagePaths
{
    private static readonly string[] NoPages = ["/v1", "/v2", "/openapi", "/swagger", "/health", "/metrics", "/app", "/lib"];

    /// <summary>Whether a path is a page's; <c>wwwroot/app/main.js</c> has the same table.</summary>
    public static bool IsPage(PathString path) => path.HasValue && Page().IsMatch(path.Value);

    /// <summary>Whether a request for something that is not there comes from a person, who is better told so by a page than by a problem document.</summary>
    public static bool WantsPage(HttpRequest request)
        => IsRead(request)
            && !NoPages.Any(prefix => request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase))
            && MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)
            && types.Any(type => type.MediaType == "text/html");

    /// <summary>Whether a request only reads.</summary>
    public static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    [GeneratedRegex("^/(?:(?:evaluations|leaderboards|models|datasets)(?:/[^/]+)?/?|(?:compare|workers)/?)?$")]
    private static partial Regex Page();
}
