using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Serve.Api.Evaluation.Storage;

namespace Serve.Api.Evaluation;

/// <summary>An evaluation's events as a stream. Read from the database, so that any node can serve any evaluation's.</summary>
internal sealed class EvaluationEvents(EvaluationQueries queries, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Silence after which an event without an id is sent, so that proxies keep the connection.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>The events after one that the client has seen, to the last that there will be.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="after">Id of the last seen event; 0 for none.</param>
    /// <param name="ct">Cancels, as the client's going does.</param>
    public async IAsyncEnumerable<SseItem<EvaluationEvent>> StreamAsync(string id, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        var silentSince = time.GetTimestamp();
        EvaluationEvent? last = null;
        while (!stopping.IsCancellationRequested)
        {
            foreach (var (eventId, type, data) in await queries.EventsAsync(id, after, ct))
            {
                yield return new SseItem<EvaluationEvent>(data, type) { EventId = $"{eventId}" };
                (after, last, silentSince) = (eventId, data, time.GetTimestamp());
                if (IsLast(data))
                    yield break;
            }
            if (last is not null && time.GetElapsedTime(silentSince) > KeepAlive)
            {
                yield return new SseItem<EvaluationEvent>(last, "keep-alive");
                silentSince = time.GetTimestamp();
            }
            await Task.Delay(Poll, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True when the client has seen all events that there will be.</summary>
    public async Task<bool> HasSeenAllAsync(EvaluationRow evaluation, long after, CancellationToken ct)
        => evaluation.IsOver && (await queries.EventsAsync(evaluation.Id, after, ct)).Count == 0;

    private static bool IsLast(EvaluationEvent data) => data.State is EvaluationState.Done or EvaluationState.Failed or EvaluationState.Cancelled;
}
