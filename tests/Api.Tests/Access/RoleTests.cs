using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Access;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Access;

public sealed class RoleTests : KeyedServer
{
    private static readonly string[] Roles = ["reader", "submitter", "host", "administrator"];

    private static readonly HttpStatusCode[] OverOrCancelled = [HttpStatusCode.OK, HttpStatusCode.Conflict];

    [Theory]
    [InlineData("GET", "/v1/models", "reader")]
    [InlineData("GET", "/v1/models/shapes", "reader")]
    [InlineData("GET", "/v1/datasets", "reader")]
    [InlineData("GET", "/v1/datasets/tiny", "reader")]
    [InlineData("GET", "/v1/datasets/tiny/versions", "reader")]
    [InlineData("GET", "/v1/datasets/tiny/statistics", "reader")]
    [InlineData("GET", "/v1/protocols", "reader")]
    [InlineData("GET", "/v1/evaluations", "reader")]
    [InlineData("GET", "/v1/workers", "reader")]
    [InlineData("GET", "/v1/evaluations/none", "reader")]
    [InlineData("POST", "/v1/detect", "reader")]
    [InlineData("GET", "/v2", "reader")]
    [InlineData("GET", "/v2/models/shapes", "reader")]
    [InlineData("GET", "/v2/models/stats", "reader")]
    [InlineData("POST", "/v2/models/shapes/infer", "reader")]
    [InlineData("POST", "/v2/repository/index", "reader")]
    [InlineData("POST", "/v1/evaluations", "submitter")]
    [InlineData("DELETE", "/v1/evaluations/none", "submitter")]
    [InlineData("POST", "/v1/datasets", "host")]
    [InlineData("PUT", "/v1/datasets/none", "host")]
    [InlineData("PATCH", "/v1/datasets/none", "host")]
    [InlineData("DELETE", "/v1/datasets/none", "host")]
    [InlineData("PUT", "/v1/models/shapes/versions/2", "administrator")]
    [InlineData("DELETE", "/v1/models/none", "administrator")]
    [InlineData("POST", "/v1/models/shapes/load", "administrator")]
    [InlineData("POST", "/v2/repository/models/shapes/load", "administrator")]
    [InlineData("GET", "/v1/keys", "administrator")]
    [InlineData("POST", "/v1/keys", "administrator")]
    [InlineData("DELETE", "/v1/keys/none", "administrator")]
    [InlineData("GET", "/v1/audit", "administrator")]
    public async Task A_route_is_for_its_role_and_those_above(string method, string path, string role)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(new HttpMethod(method), path, null));
        foreach (var given in Roles)
        {
            var key = given == "administrator" ? Administrator : await NewKeyAsync($"a {given}", given);

            using var response = await SendAsync(new HttpMethod(method), path, key);

            if (Array.IndexOf(Roles, given) >= Array.IndexOf(Roles, role))
            {
                Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
                Assert.NotEqual(HttpStatusCode.Forbidden, response.StatusCode);
                continue;
            }
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
            var text = $"{method} {path} needs the role {role}; the key \"a {given}\" has the role {given}.";
            if (path.StartsWith("/v2", StringComparison.Ordinal))
                Assert.Equal((text, "forbidden"), ((string)body["error"]!, (string)body["code"]!));
            else
                Assert.Equal((text, given, role), ((string)body["detail"]!, (string)body["role"]!, (string)body["roleNeeded"]!));
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/v2/health/live")]
    [InlineData("/v2/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/swagger/index.html")]
    [InlineData("/")]
    public async Task What_balancers_monitors_and_people_look_at_first_needs_no_key(string path)
        => Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, path, null));

    [Fact]
    public void Every_route_requires_a_role_or_says_that_it_needs_none()
    {
        string[] open = ["/health/live", "/health/ready", "/metrics", "/openapi/{documentName}.json"];

        var routes = Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        Assert.Empty(routes.Where(route => route.Metadata.GetMetadata<RequiredRole>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(route => $"/{route.RoutePattern.RawText!.Trim('/')}").Except(open));
    }

    [Fact]
    public async Task A_request_without_a_key_is_told_how_to_send_one()
    {
        using var response = await GetAsync("/v1/models", null);

        Assert.Equal("Bearer realm=\"serve\"", $"{response.Headers.WwwAuthenticate}");
        Assert.Equal(
            "A key is needed. Send one as \"Authorization: Bearer KEY\" or in the header X-Api-Key; whoever runs the server makes keys.",
            (await Task.FromResult(response).ProblemAsync(HttpStatusCode.Unauthorized)).Detail());
    }

    [Fact]
    public async Task The_protocol_of_v2_gets_its_own_error_object()
    {
        using var response = await SendAsync(HttpMethod.Post, "/v2/models/shapes/infer", null);
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;

        Assert.Equal(("unauthenticated", HttpStatusCode.Unauthorized), ((string)body["code"]!, response.StatusCode));
        Assert.StartsWith("A key is needed.", (string)body["error"]!);
    }

    [Fact]
    public async Task A_key_is_taken_from_either_header()
    {
        using var bearer = await GetAsync("/v1/models", Administrator);
        using var header = await SendAsync(HttpMethod.Get, "/v1/models", null, null, ("X-Api-Key", Administrator));
        using var basic = await SendAsync(HttpMethod.Get, "/v1/models", null, null, ("Authorization", "Basic eDp5"), ("X-Api-Key", Administrator));

        Assert.All([bearer, header, basic], response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task A_submitter_cancels_what_is_its_own_and_an_administrator_everything()
    {
        var (first, second) = (await NewKeyAsync("first", "submitter"), await NewKeyAsync("second", "submitter"));
        var evaluation = await AskAsync(first);

        var refused = await SendAsync(HttpMethod.Delete, evaluation, second).ProblemAsync(HttpStatusCode.Forbidden);

        Assert.Equal($"Evaluation {evaluation.Split('/')[^1]} is first's: only first and administrators cancel it.", refused.Detail());
        // It may be over by now, which is another refusal.
        Assert.Contains(await StatusAsync(HttpMethod.Delete, evaluation, first), OverOrCancelled);
        Assert.Contains(await StatusAsync(HttpMethod.Delete, await AskAsync(first), Administrator), OverOrCancelled);
        Assert.Equal("first", (string)(await GetAsync(evaluation, second).JsonAsync())["owner"]!);
    }

    [Fact]
    public async Task A_reader_detects()
        => Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Post, "/v1/detect", await NewKeyAsync("eyes", "reader"), DetectTests.Raw(TestPictures.Png())));

    private async Task<string> AskAsync(string key)
    {
        using var response = await SendAsync(HttpMethod.Post, "/v1/evaluations", key, JsonContent.Create(new { dataset = "tiny", model = "shapes" }));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }
}
