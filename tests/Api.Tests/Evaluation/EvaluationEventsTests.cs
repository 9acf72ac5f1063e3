using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation;

public class EvaluationEventsTests(ServeFixture serve)
{
    [Fact]
    public async Task Events_rise_from_queued_to_done_and_the_stream_ends()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes", version = 1 });

        var events = await ReadAsync(address, lastEventId: null);

        Assert.Equal(["queued", "running", "progress", "progress", "progress", "done"], events.Select(one => one.EventType));
        long[] ids = [.. events.Select(one => long.Parse(one.EventId!))];
        Assert.Equal(ids.Distinct().Order(), ids);
        double[] progress = [.. events.Select(one => (double)one.Data["progress"]!)];
        Assert.Equal(progress.Order(), progress);
        Assert.Equal(1, progress[^1]);
        Assert.Equal([0, 1, 2], events.Where(one => one.EventType == "progress").Select(one => (int)one.Data["shard"]!).Order());
    }

    [Fact]
    public async Task A_client_resumes_after_the_last_event_it_saw()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var all = await ReadAsync(address, lastEventId: null);

        var rest = await ReadAsync(address, all[2].EventId);

        Assert.Equal(all.Skip(3).Select(one => one.EventId), rest.Select(one => one.EventId));
    }

    [Fact]
    public async Task A_client_that_has_seen_all_is_answered_204_and_a_wrong_id_400()
    {
        var address = await serve.Client.EvaluateAsync(new { dataset = "tiny", model = "shapes" });
        var all = await ReadAsync(address, lastEventId: null);

        using var seen = await SendAsync(address, all[^1].EventId);
        var wrong = await SendAsync(address, "x").ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(HttpStatusCode.NoContent, seen.StatusCode);
        Assert.Equal("Parameter \"Last-Event-ID\": \"x\" is not a whole number.", wrong.Detail());
    }

    private async Task<IReadOnlyList<SseItem<JsonNode>>> ReadAsync(Uri address, string? lastEventId)
    {
        using var response = await SendAsync(address, lastEventId);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        var events = new List<SseItem<JsonNode>>();
        await foreach (var one in SseParser.Create(stream, (_, data) => JsonNode.Parse(data)!).EnumerateAsync(Token))
            events.Add(one);
        return events;
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await serve.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
