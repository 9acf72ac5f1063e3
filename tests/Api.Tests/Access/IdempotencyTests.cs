using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Access.Storage;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Access;

public sealed class IdempotencyTests : KeyedServer
{
    private static readonly object Request = new { dataset = "tiny", model = "shapes" };

    [Fact]
    public async Task The_same_request_again_gets_the_same_answer_and_makes_nothing()
    {
        using var first = await AskAsync("once", Request);
        using var second = await AskAsync("once", Request);

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (first.StatusCode, second.StatusCode));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(await first.Content.ReadAsStringAsync(Token), await second.Content.ReadAsStringAsync(Token));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(1, await EvaluationsAsync());
        var audit = await GetAsync("/v1/audit", Administrator).JsonAsync();
        Assert.Single(audit["entries"]!.AsArray(), entry => (string)entry!["target"]! == "/v1/evaluations");
    }

    [Fact]
    public async Task Another_request_with_the_same_key_is_422_and_makes_nothing()
    {
        using var first = await AskAsync("reused", Request);

        var problem = await AskAsync("reused", new { dataset = "tiny", split = "val", model = "shapes" }).ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.StartsWith("Idempotency-Key \"reused\" was sent before, at ", problem.Detail());
        Assert.EndsWith("with another request (POST /v1/evaluations). A new request needs a new key.", problem.Detail());
        Assert.Equal(1, await EvaluationsAsync());
    }

    [Fact]
    public async Task Twins_at_once_make_one_thing_and_each_gets_its_answer_or_is_told_to_wait()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => AskAsync("twins", Request)));

        Assert.Equal(1, await EvaluationsAsync());
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted && !answer.Headers.Contains("Idempotency-Replayed"));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
        Assert.All(answers.Where(answer => answer.StatusCode == HttpStatusCode.Conflict), answer => Assert.NotNull(answer.Headers.RetryAfter));
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task A_request_that_was_refused_can_be_mended_under_its_key()
    {
        await AskAsync("mended", new { dataset = "none", model = "shapes" }).ProblemAsync(HttpStatusCode.BadRequest);

        using var mended = await AskAsync("mended", Request);

        Assert.Equal(HttpStatusCode.Accepted, mended.StatusCode);
    }

    [Fact]
    public async Task Keys_of_callers_do_not_meet_and_a_request_without_one_is_carried_out_each_time()
    {
        var other = await NewKeyAsync("other", "submitter");
        using var mine = await AskAsync("same", Request);
        using var theirs = await SendAsync(HttpMethod.Post, "/v1/evaluations", other, JsonContent.Create(Request), ("Idempotency-Key", "same"));
        using var without = await SendAsync(HttpMethod.Post, "/v1/evaluations", Administrator, JsonContent.Create(Request));

        Assert.Equal(3, new[] { mine, theirs, without }.Select(answer => answer.Headers.Location).Distinct().Count());
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        var problem = await AskAsync(key, Request).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("Idempotency-Key must be 1 to 128 printable ASCII characters without spaces, given once.", problem.Detail());
    }

    [Fact]
    public async Task A_request_that_was_cut_off_is_not_carried_out_again_by_itself()
    {
        var store = Server.Services.GetRequiredService<IdempotencyStore>();
        var content = JsonContent.Create(Request);
        await content.LoadIntoBufferAsync(Token);
        var body = await content.ReadAsByteArrayAsync(Token);
        await store.BeginAsync(
            new IdempotencyRow
            {
                Owner = "admin",
                Key = "cut",
                Method = "POST",
                Path = "/v1/evaluations",
                BodyHash = System.Security.Cryptography.SHA256.HashData(body),
                CreatedAt = DateTime.UtcNow.AddMinutes(-6),
            },
            Token);

        var problem = await SendAsync(HttpMethod.Post, "/v1/evaluations", Administrator, content, ("Idempotency-Key", "cut")).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Contains("and cut off. Look whether it took effect; another key sends it anew.", problem.Detail());
        Assert.Equal(0, await EvaluationsAsync());
    }

    private Task<HttpResponseMessage> AskAsync(string key, object request)
        => SendAsync(HttpMethod.Post, "/v1/evaluations", Administrator, JsonContent.Create(request), ("Idempotency-Key", key));

    private async Task<int> EvaluationsAsync() => (int)(await GetAsync("/v1/evaluations", Administrator).JsonAsync())["total"]!;
}
