using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Hosting;
using Serve.Api.OpenInference;
using Serve.Api.Problems;
using Serve.Api.Telemetry;

namespace Serve.Api.Tests.OpenInference;

/// <summary>The protocol's exchange over real HTTP before a view that a test makes, so that every byte of the answer is known.</summary>
internal sealed class ViewHost : IAsyncDisposable
{
    /// <summary>Largest body, in bytes.</summary>
    public const int Limit = 100_000;

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private readonly WebApplication _app;

    private ViewHost(IInferenceView view)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddOptions<ServeOptions>().Configure(options =>
            (options.Models, options.Data, options.Workspace) = (_folder.File("models"), _folder.File("data"), _folder.File("workspace")));
        builder.Services.AddSingleton<ServeFolders>();
        builder.Services.AddSingleton<DetectMetrics>();
        builder.Services.AddProblems();
        _app = builder.Build();
        _app.UseProblems();
        _app.MapPost($"/v2/models/{view.Name}/infer", async (HttpContext context, CancellationToken ct) =>
        {
            using var body = await RequestBody.ReadAsync(context.Request, Limit, ct);
            await InferenceExchange.AnswerAsync(context, body, view, ct);
        });
        Path = $"/v2/models/{view.Name}/infer";
    }

    public HttpClient Client { get; } = new();

    public string Path { get; }

    public static async Task<ViewHost> StartAsync(IInferenceView view)
    {
        var host = new ViewHost(view);
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        host.Client.BaseAddress = new Uri(host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return host;
    }

    /// <summary>Sends JSON, followed by blocks where there are any.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="blocks">What follows it; null to send no header with the length of the JSON.</param>
    /// <param name="header">A header in the place of the right one.</param>
    public Task<HttpResponseMessage> PostAsync(string json, byte[]? blocks = null, string? header = null)
    {
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. blocks ?? []]);
        content.Headers.ContentType = new MediaTypeHeaderValue(blocks is null ? "application/json" : "application/octet-stream");
        header ??= blocks is null ? null : $"{Encoding.UTF8.GetByteCount(json)}";
        if (header is not null)
            content.Headers.TryAddWithoutValidation(InferenceRequestReader.LengthHeader, header);
        return Client.PostAsync(Path, content, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Reads answers of the protocol.</summary>
internal static class ProtocolAnswers
{
    /// <summary>The error text of an answer: JSON with the protocol's members, and nothing from inside.</summary>
    public static async Task<string> ErrorAsync(this Task<HttpResponseMessage> pending, HttpStatusCode expected)
    {
        using var response = await pending;
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(expected == response.StatusCode, $"Expected {expected}, got {response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("   at ", body);
        Assert.DoesNotContain(Path.GetTempPath(), body);
        var error = JsonNode.Parse(body)!;
        Assert.NotEmpty((string)error["code"]!);
        Assert.NotEmpty((string)error["trace_id"]!);
        return (string)error["error"]!;
    }

    /// <summary>The body of an answer with status 200.</summary>
    public static async Task<byte[]> BytesAsync(this HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(body));
        return body;
    }

    /// <summary>The value of the header with the length of the JSON; null when it is not there.</summary>
    public static string? JsonLength(this HttpResponseMessage response)
        => response.Headers.TryGetValues(InferenceRequestReader.LengthHeader, out var values) ? values.Single()
            : response.Content.Headers.TryGetValues(InferenceRequestReader.LengthHeader, out values) ? values.Single() : null;
}
