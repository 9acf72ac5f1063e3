using System.Net;
using System.Text.RegularExpressions;
using Serve.Api.Pages;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Pages;

public sealed partial class PagePathsTests(ServeFixture serve)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/models")]
    [InlineData("/models/blood-cells")]
    [InlineData("/compare?a=1&b=2")]
    [InlineData("/workers/")]
    public async Task A_page_is_the_shell_which_loads_nothing_from_elsewhere(string path)
    {
        using var response = await serve.Client.GetAsync(path, Token);
        var page = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("<title>Serve", page);
        Assert.DoesNotMatch("(?:href|src)=\"(?!/|#)", page);
        Assert.Contains("default-src 'self'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(response.Headers.CacheControl!.NoCache);
    }

    [Fact]
    public async Task A_person_is_told_by_a_page_and_a_program_by_a_problem_document_that_there_is_nothing()
    {
        var person = await AskAsync("/nothing", "text/html,application/xhtml+xml,*/*;q=0.8");
        var program = await AskAsync("/nothing", "*/*");
        var api = await AskAsync("/v1/nothing", "text/html");
        var script = await AskAsync("/app/nothing.js", "*/*");

        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (person.StatusCode, person.Content.Headers.ContentType!.MediaType));
        Assert.All([program, api, script], response => Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType)));
    }

    [Fact]
    public async Task A_page_is_not_written_to()
    {
        using var response = await serve.Client.PostAsync("/models", new StringContent(""), Token);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Files_are_asked_for_anew_each_time_and_sent_only_when_they_changed()
    {
        using var first = await serve.Client.GetAsync("/app/main.js", Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/app/main.js") { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await serve.Client.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.OK, "text/javascript"), (first.StatusCode, first.Content.Headers.ContentType!.MediaType));
        Assert.True(first.Headers.CacheControl!.NoCache);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task The_server_and_the_scripts_know_the_same_pages()
    {
        var script = await serve.Client.GetStringAsync("/app/main.js", Token);
        var paths = PathInTable().Matches(script).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(11, paths.Count);
        Assert.All(paths, path => Assert.True(PagePaths.IsPage(Parameter().Replace(path, "x.y-1")), path));
        Assert.All((string[])["/model", "/models/a/b", "/workers/a", "/compare/a", "/v1/models", "/openapi", ""], path => Assert.False(PagePaths.IsPage(path), path));
    }

    [Fact]
    public async Task Swagger_is_served_with_its_own_scripts_and_our_document()
    {
        var page = await serve.Client.GetStringAsync("/swagger/index.html", Token);
        var script = await serve.Client.GetStringAsync("/swagger/swagger-ui-bundle.js", Token);
        var start = await serve.Client.GetStringAsync("/swagger/index.js", Token);

        Assert.Contains("./swagger-ui-bundle.js", page);
        Assert.True(script.Length > 100_000);
        Assert.Contains("/openapi/v1.json", page + start);
    }

    private Task<HttpResponseMessage> AskAsync(string path, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return serve.Client.SendAsync(request, Token);
    }

    [GeneratedRegex("""path: "([^"]+)",""")]
    private static partial Regex PathInTable();

    [GeneratedRegex(@":\w+")]
    private static partial Regex Parameter();
}
