using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serve.Client;

namespace Serve.Api.Tests.Clients;

/// <summary>Waits as <c>Retry-After</c> says and tries again, where the body can be sent again.</summary>
internal sealed class PatientHandler(int tries = 5) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (request.Content is { } content)
            await content.LoadIntoBufferAsync(ct);
        for (var left = tries; ; left--)
        {
            var answer = await base.SendAsync(request, ct);
            if (left <= 1 || answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                || answer.Headers.RetryAfter?.Delta is not { } wait || wait > TimeSpan.FromMinutes(1))
                return answer;
            answer.Dispose();
            await Task.Delay(wait, ct);
        }
    }
}

/// <summary>What docs/clients.md shows of C#: a test holds the two equal, and runs this.</summary>
internal static class ClientExamples
{
    /// <summary>The page's program from top to bottom.</summary>
    public static async Task RunAsync(string address, string? key, string pictureFile, string detectionsFile, CancellationToken ct)
    {
        var http = new HttpClient(new PatientHandler()) { BaseAddress = new Uri(address) };    // http://127.0.0.1:8080
        if (key is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var serve = new ServeClient(http);

        await using var picture = File.OpenRead(pictureFile);
        var found = await serve.DetectAsync(picture, model: "demo-scenes", score: 0.3, cancellationToken: ct);
        foreach (var detection in found.Images[0].Detections)
            Console.WriteLine($"{detection.Category} {detection.Score:0.00} {detection.Box.X1:0} {detection.Box.Y1:0} {detection.Box.X2:0} {detection.Box.Y2:0}");

        var asked = await serve.CreateEvaluationAsync(
            new EvaluationRequest { Dataset = "demo-scenes", Split = "test", Model = "demo-scenes", Protocol = "coco-bbox" }, idempotency_Key: $"{Guid.NewGuid()}", cancellationToken: ct);
        await foreach (var progress in EventsAsync(serve, asked.Id, ct))
            Console.WriteLine($"{progress.State} {progress.Progress:P0} {progress.SecondsLeft}");
        var report = await serve.GetEvaluationReportAsync(asked.Id, cancellationToken: ct);
        Console.WriteLine(string.Join(", ", report.StatsNames.Zip(report.Stats!, (name, value) => $"{name} {value:0.000}")));

        var detections = JsonSerializer.Deserialize<List<CocoDetection>>(await File.ReadAllTextAsync(detectionsFile, ct))!;
        try
        {
            await serve.CreateEvaluationAsync(new EvaluationRequest { Dataset = "demo-scenes", Split = "none", Detections = detections }, cancellationToken: ct);
        }
        catch (ApiException<ProblemDetails> refused)
        {
            Console.WriteLine($"{refused.StatusCode}: {refused.Result.Detail} ({string.Join(", ", refused.Result.Errors!.Keys)})");
        }
        var submitted = await serve.CreateEvaluationAsync(
            new EvaluationRequest { Dataset = "demo-scenes", Split = "test", Detections = detections }, idempotency_Key: $"{Guid.NewGuid()}", cancellationToken: ct);
        Console.WriteLine($"{submitted.Id} {submitted.State}");

        var submission = await serve.CreateSubmissionAsync(
            "scenes",
            new SubmissionRequest { Method = "Ours", Detections = new Dictionary<string, IReadOnlyList<CocoDetection>> { ["demo-scenes"] = detections } },
            idempotency_Key: $"{Guid.NewGuid()}", cancellationToken: ct);
        Console.WriteLine($"{submission.Quota!.Remaining} submissions left until {submission.Quota.ResetsAt}");
        while (submission.State is SubmissionState.Queued or SubmissionState.Running)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5), ct);
            submission = await serve.GetSubmissionAsync("scenes", submission.Id, ct);
        }
        Console.WriteLine($"{submission.State} {submission.Error}");

        var leaderboard = await serve.GetLeaderboardAsync("scenes", ct);
        foreach (var row in leaderboard.Divisions!.SelectMany(division => division.Rows))
            Console.WriteLine($"{row.Rank} {row.Method} {row.Headline.Value:0.000} [{row.Headline.Lower:0.000}, {row.Headline.Upper:0.000}]");
    }

    /// <summary>The events of an evaluation to the last, also over connections that break.</summary>
    private static async IAsyncEnumerable<EvaluationEvent> EventsAsync(ServeClient serve, string evaluation, [EnumeratorCancellation] CancellationToken ct)
    {
        long? last = null;
        EvaluationEvent? newest = null;
        while (newest?.State is not (EvaluationState.Done or EvaluationState.Failed or EvaluationState.Cancelled))
        {
            using var stream = await serve.GetEvaluationEventsAsync(evaluation, last, ct);
            await using var events = SseParser.Create(stream.Stream).EnumerateAsync(ct).GetAsyncEnumerator(ct);
            while (await NextAsync(events))
            {
                if (events.Current.EventId is not { } id)
                    continue;
                (last, newest) = (long.Parse(id), JsonSerializer.Deserialize<EvaluationEvent>(events.Current.Data)!);
                yield return newest;
            }
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (IOException)
        {
            return false;
        }
    }
}
