using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serve.Api.Tests.OpenInference;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Fuzz;

/// <summary>Ten thousand damaged requests: each is answered, or refused with its cause, and nobody else notices.</summary>
public sealed class MutatedRequestTests : OwnServer
{
    private const int Requests = 9_400;
    private const int Uploads = 500;
    private const int Torn = 100;
    private const int Clients = 4;
    private const int Shown = 5;

    // Another number gives ten thousand other requests.
    private static readonly int Offset = int.Parse(Environment.GetEnvironmentVariable("SERVE_FUZZ_SEED") ?? "0", CultureInfo.InvariantCulture);

    private readonly FaultLog _log = new();
    private readonly ConcurrentQueue<string> _wrong = [];

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", 1);
        return ServeApplication.StartAsync(
            Folder.Path, services => services.AddSingleton<ILoggerProvider>(_log), ("Serve:DefaultModel", "shapes"), ("Serve:MaxBytes", "1000000"), ("Serve:MaxRequestBytes", "2000000"), ("Serve:WatchModels", "false"), ("Serve:ManageModels", "true"));
    }

    [Fact]
    public async Task Damaged_requests_are_refused_with_a_cause_and_others_are_not_affected()
    {
        var (inference, models) = (FuzzSeeds.Inference(), FuzzSeeds.Models(Folder.File("seeds")));
        await Task.WhenAll(models.Concat(inference).Select(RequireRightAsync));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var healthy = HealthyAsync(over.Token);

        var outcomes = new int[6];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = Token };
        await Parallel.ForAsync(0, Requests, parallel, async (i, ct) => Interlocked.Increment(ref outcomes[await SendAsync(inference, i, ct)]));
        await Parallel.ForAsync(0, Uploads, parallel, async (i, ct) => Interlocked.Increment(ref outcomes[await SendAsync(models, i, ct)]));
        await Parallel.ForAsync(0, Torn, parallel, async (i, ct) => await TearAsync(inference[i % inference.Count], i, ct));

        await over.CancelAsync();
        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} answers are wrong:\n{string.Join('\n', _wrong.Take(Shown))}\nThe server's log:\n{string.Join('\n', _log.Faults.Take(Shown))}");
        Assert.True(_log.Faults.IsEmpty, $"The server logged faults:\n{string.Join('\n', _log.Faults.Take(Shown))}");
        Assert.True(await healthy > 100, "The healthy client was hardly answered.");
        Assert.True(outcomes[4] > (Requests + Uploads) / 4, $"Only {outcomes[4]} requests were refused: they are not damaged enough.");
    }

    /// <summary>Sends one damaged request and looks at its answer. One that gets none fails the test once the client's patience is over.</summary>
    /// <returns>The first digit of its status.</returns>
    private async Task<int> SendAsync(IReadOnlyList<FuzzSeed> seeds, int number, CancellationToken ct)
    {
        var random = new Random(number + Offset);
        var (seed, other) = (seeds[number % seeds.Count], seeds[random.Next(seeds.Count)]);
        // One in ten keeps its body, and has only its headers damaged.
        var body = random.Next(10) == 0 ? seed.Body : Mutation.Of(seed.Body, other.Body, random);
        using var request = Message(seed, body);
        if (random.Next(5) == 0)
            DamageHeaders(request.Content!, random);

        using var response = await Client.SendAsync(request, ct);
        var text = await response.Content.ReadAsStringAsync(ct);

        var status = (int)response.StatusCode;
        // A tensor may be damaged into numbers that make the graph answer what JSON cannot carry: the protocol has that answered with 500. And a timeout into a short one.
        var isFine = status is (>= 200 and < 300) or (>= 400 and < 500) || text.Contains("\"code\":\"not_in_json\"", StringComparison.Ordinal)
            || (status == 504 && text.Contains("\"code\":\"timeout\"", StringComparison.Ordinal));
        if (isFine && status >= 400)
            isFine = Cause(text) is { Length: > 10 } && !text.Contains("   at ", StringComparison.Ordinal) && !text.Contains(Folder.Path, StringComparison.Ordinal);
        if (!isFine)
            _wrong.Enqueue($"Request {number} to {seed.Path}: {status} {text}");
        return status / 100;
    }

    /// <summary>Sends the beginning of a request that promises more, and goes.</summary>
    private async Task TearAsync(FuzzSeed seed, int number, CancellationToken ct)
    {
        var random = new Random(number);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Client.BaseAddress!.Port, ct);
        var head = new StringBuilder($"{seed.Method} {seed.Path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {seed.Body.Length}\r\n");
        foreach (var (name, value) in seed.Headers)
            head.Append($"{name}: {value}\r\n");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n"), ct);
        await client.GetStream().WriteAsync(seed.Body.AsMemory(0, random.Next(seed.Body.Length)), ct);
    }

    /// <summary>Asks the same over and over, as somebody does who knows nothing of the others.</summary>
    /// <returns>How often it was answered, each time the same.</returns>
    private async Task<int> HealthyAsync(CancellationToken over)
    {
        var answers = 0;
        var expected = await BoxesAsync();
        for (; !over.IsCancellationRequested; answers++)
        {
            Assert.Equal(expected, await BoxesAsync());
            using var content = new ByteArrayContent(TestPictures.Png(9));
            using var detect = await Client.PostAsync("/v1/detect", content, Token);
            Assert.Equal(HttpStatusCode.OK, detect.StatusCode);
        }
        return answers;
    }

    private async Task<float[]> BoxesAsync() => (await Client.InferPicturesAsync("shapes", [TestPictures.Png(9)]).OutputsAsync()).Values<float>("boxes");

    private async Task RequireRightAsync(FuzzSeed seed)
    {
        using var request = Message(seed, seed.Body);
        using var response = await Client.SendAsync(request, Token);
        Assert.True(response.IsSuccessStatusCode || !seed.IsRight, $"{seed.Path}: {await response.Content.ReadAsStringAsync(Token)}");
    }

    private static HttpRequestMessage Message(FuzzSeed seed, byte[] body)
    {
        var request = new HttpRequestMessage(seed.Method, seed.Path) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in seed.Headers)
            request.Content.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static void DamageHeaders(HttpContent content, Random random)
    {
        string[] values = ["", "0", "-1", "7", "99999999999999999999", "application/json", "text/html", "multipart/form-data", "multipart/form-data; boundary=", "gzip", "deflate", "br", "a, b", "a;b=c;"];
        string[] names = ["Content-Type", "Content-Encoding", "Inference-Header-Content-Length", "Content-Disposition"];
        var name = names[random.Next(names.Length)];
        content.Headers.Remove(name);
        content.Headers.TryAddWithoutValidation(name, values[random.Next(values.Length)]);
    }

    private static string? Cause(string text)
    {
        try
        {
            var answer = JsonNode.Parse(text);
            return (string?)answer?["detail"] ?? (string?)answer?["error"];
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
