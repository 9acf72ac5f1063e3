using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serve.Api.Tests.Support;

/// <summary>The real server in this process, on a free port, spoken to over HTTP.</summary>
internal sealed class ServeApplication : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServeApplication(WebApplication app)
    {
        _app = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a server on folders below <paramref name="folder"/>, with further settings as <c>Serve:Name</c>.</summary>
    public static Task<ServeApplication> StartAsync(string folder, params (string Key, string Value)[] settings) => StartAsync(folder, _ => { }, settings);

    /// <summary>Starts a server with services of its own in place of the usual ones.</summary>
    public static async Task<ServeApplication> StartAsync(string folder, Action<IServiceCollection> services, params (string Key, string Value)[] settings)
    {
        var app = await Program.CreateAsync(
            ["--urls", "http://127.0.0.1:0", "--models", $"{folder}/models", "--data", $"{folder}/data", "--workspace", $"{folder}/workspace", "--device", "cpu"],
            builder =>
            {
                builder.Logging.ClearProviders();
                foreach (var (key, value) in settings)
                    builder.Configuration[key] = value;
                services(builder.Services);
            });
        await app.StartAsync();
        return new ServeApplication(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }
}

/// <summary>Reads answers.</summary>
internal static class Answers
{
    /// <summary>The JSON of an answer with the status that is expected; the test fails with the body otherwise.</summary>
    public static async Task<JsonNode> JsonAsync(this Task<HttpResponseMessage> pending, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await pending;
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"Expected {expected}, got {response.StatusCode}: {body}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>The problem document of an answer: it has the status, the media type and a cause, and tells nothing from inside.</summary>
    public static async Task<JsonNode> ProblemAsync(this Task<HttpResponseMessage> pending, HttpStatusCode expected)
    {
        using var response = await pending;
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"Expected {expected}, got {response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain(Path.GetTempPath(), body);
        Assert.DoesNotContain("   at ", body);
        var problem = JsonNode.Parse(body)!;
        Assert.Equal((int)expected, (int)problem["status"]!);
        Assert.NotEmpty((string)problem["detail"]!);
        return problem;
    }

    /// <summary>The cause that a problem document tells.</summary>
    public static string Detail(this JsonNode problem) => (string)problem["detail"]!;

    /// <summary>Asks for an evaluation and gives its address.</summary>
    public static async Task<Uri> EvaluateAsync(this HttpClient client, object request)
    {
        using var response = await client.PostAsJsonAsync("/v1/evaluations", request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, body);
        return response.Headers.Location!;
    }

    /// <summary>Follows an evaluation until it is in one of the states, and gives its document.</summary>
    public static async Task<JsonNode> WaitAsync(this HttpClient client, Uri evaluation, Func<JsonNode, bool> until, int seconds = 120)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            var document = await client.GetAsync(evaluation, TestContext.Current.CancellationToken).JsonAsync();
            if (until(document))
                return document;
            Assert.True(DateTime.UtcNow < deadline, $"Not there after {seconds} s: {document}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Follows an evaluation until it is over.</summary>
    public static Task<JsonNode> WaitUntilOverAsync(this HttpClient client, Uri evaluation, int seconds = 120)
        => client.WaitAsync(evaluation, document => (string)document["state"]! is "done" or "failed" or "cancelled", seconds);

    /// <summary>The report of an evaluation's document, without the time at which it was made.</summary>
    public static string UndatedReport(this JsonNode document)
    {
        var report = document["report"]!.DeepClone();
        Assert.True(report["provenance"]!.AsObject().Remove("date"), "The report has no date.");
        return report.ToJsonString();
    }
}
