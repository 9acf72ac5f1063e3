using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;
using Serve.Api.Wire;
using Serve.Eval.Datasets;

namespace Serve.Api.Evaluation.Storage;

/// <summary>
/// The states of evaluations and the steps between them. Each step is one transaction that also writes its event, and does nothing when the
/// evaluation is past it: a step may be tried again at any time. Each begins with the lock of its evaluation, so that the steps of one follow one
/// another, the counts are exact, and events are committed in the order of their ids.
/// </summary>
internal sealed class EvaluationStore(DatabaseFactory databases, TimeProvider time)
{
    /// <summary>Finished shards from whose times it is told how long the rest will take.</summary>
    private const int ShardsTimed = 16;

    /// <summary>Adds an evaluation, with its detections when they were submitted.</summary>
    public async Task AddAsync(EvaluationRow evaluation, DetectionTable? submitted, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        Add(db, evaluation, submitted is null ? null : DetectionBlob.Pack(submitted));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>Adds an evaluation in a transaction that adds more than that.</summary>
    /// <param name="db">Where the transaction is.</param>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="submitted">The packed detections (<see cref="DetectionBlob"/>); null for a model.</param>
    public void Add(ServeDatabase db, EvaluationRow evaluation, byte[]? submitted)
    {
        db.Add(evaluation);
        if (submitted is not null)
            db.Add(new ShardResultRow { Key = evaluation.Id, Detections = submitted, CreatedAt = Now });
        AddEvent(db, evaluation, "queued");
    }

    /// <summary>Begins an evaluation: divides it into shards, or goes straight to the reduction when detections were submitted.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="shardImages">Images in a shard.</param>
    /// <param name="device">What runs the model where nothing was asked for.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The evaluation, or null when it is over.</returns>
    public async Task<EvaluationRow?> PlanAsync(string id, int shardImages, string device, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct);
        if (evaluation is null || evaluation.IsOver)
            return null;
        if (evaluation.State == EvaluationState.Running)
            return evaluation;

        if (evaluation.Model is not null)
        {
            evaluation.Device ??= device;
            evaluation.Shards = (evaluation.Images + shardImages - 1) / shardImages;
            for (var index = 0; index < evaluation.Shards; index++)
            {
                var first = index * shardImages;
                db.Add(new ShardRow { EvaluationId = id, Index = index, First = first, Count = Math.Min(shardImages, evaluation.Images - first) });
            }
        }
        evaluation.Reducing = evaluation.Shards is null or 0;
        evaluation.State = EvaluationState.Running;
        evaluation.StartedAt = Now;
        AddEvent(db, evaluation, "running");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return evaluation;
    }

    /// <summary>Stores a finished shard. The last one of an evaluation is counted here, in the same transaction.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="index">The shard.</param>
    /// <param name="key">Key of its detections.</param>
    /// <param name="detections">The packed detections; null when they are already stored under the key.</param>
    /// <param name="origin">What made them, as JSON; null when they are already stored.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>True when only the reduction is left.</returns>
    public async Task<bool> CompleteShardAsync(string id, int index, string key, byte[]? detections, string? origin, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct);
        var shard = await db.Shards.FindAsync([id, index], ct);
        if (evaluation is null || shard is null || evaluation.IsOver || shard.Done)
            return evaluation is { IsOver: false, Reducing: true };

        // Another evaluation may store the same at this moment: one of the two is enough.
        if (detections is not null)
            await db.Database.ExecuteSqlAsync(
                $"""INSERT INTO shard_results ("Key", "Detections", "Origin", "CreatedAt") VALUES ({key}, {detections}, {origin}, {Now}) ON CONFLICT DO NOTHING""", ct);
        shard.Key = key;
        shard.Done = true;
        shard.Reused = detections is null;
        shard.FinishedAt = Now;
        evaluation.ShardsDone++;
        evaluation.ImagesDone += shard.Count;
        evaluation.Reducing = evaluation.ShardsDone == evaluation.Shards;
        var secondsLeft = await SecondsLeftAsync(db, evaluation, ct);
        AddEvent(db, evaluation, "progress", data => data with { Shard = index, SecondsLeft = secondsLeft });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return evaluation.Reducing;
    }

    /// <summary>Stores the report, and what the evaluation is ranked by.</summary>
    /// <returns>False when it was over.</returns>
    public Task<bool> CompleteAsync(string id, string report, ScoreRow score, CancellationToken ct)
        => EndAsync(id, EvaluationState.Done, null, db => db.AddRange(new ReportRow { EvaluationId = id, Json = report }, score), ct);

    /// <summary>Ends an evaluation that cannot be done.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="error">Why, in the user's words.</param>
    /// <param name="ct">Cancels.</param>
    public Task FailAsync(string id, string error, CancellationToken ct) => EndAsync(id, EvaluationState.Failed, error, _ => { }, ct);

    /// <summary>Cancels an evaluation.</summary>
    /// <returns>False when it was over.</returns>
    public Task<bool> CancelAsync(string id, CancellationToken ct) => EndAsync(id, EvaluationState.Cancelled, null, _ => { }, ct);

    /// <summary>Counts a begun detection of a shard.</summary>
    /// <returns>How many times it was begun, this one included.</returns>
    public async Task<int> CountAttemptAsync(string id, int index, int change, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.LockEvaluationAsync(id, ct);
        var shard = await db.Shards.SingleAsync(row => row.EvaluationId == id && row.Index == index, ct);
        shard.Attempts += change;
        shard.StartedAt = Now;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return shard.Attempts;
    }

    /// <summary>Counts a begun reduction.</summary>
    /// <returns>How many times it was begun, this one included.</returns>
    public async Task<int> CountReductionAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct) ?? throw new InvalidOperationException($"Evaluation {id} is gone.");
        evaluation.ReductionAttempts++;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return evaluation.ReductionAttempts;
    }

    /// <summary>Counts a begun measuring of the latency.</summary>
    /// <returns>How many times it was begun, this one included.</returns>
    public async Task<int> CountLatencyAsync(string id, int change, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct) ?? throw new InvalidOperationException($"Evaluation {id} is gone.");
        evaluation.LatencyAttempts += change;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return evaluation.LatencyAttempts;
    }

    /// <summary>Stores the latency of an evaluation's model.</summary>
    /// <returns>False when it was over, or the latency stored already.</returns>
    public async Task<bool> CompleteLatencyAsync(string id, string latency, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct);
        if (evaluation is null or { IsOver: true } or { Latency: not null })
            return false;
        evaluation.Latency = latency;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Tells that a shard failed and when it is tried again.</summary>
    public async Task TellRetryAsync(string id, int index, string cause, int attempt, TimeSpan delay, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct);
        if (evaluation is null || evaluation.IsOver)
            return;
        AddEvent(db, evaluation, "retry", data => data with { Shard = index, Retry = new ShardRetry(cause, attempt, time.GetUtcNow() + delay) });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private async Task<bool> EndAsync(string id, EvaluationState state, string? error, Action<ServeDatabase> also, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var evaluation = await db.LockEvaluationAsync(id, ct);
        if (evaluation is null || evaluation.IsOver)
            return false;
        evaluation.State = state;
        evaluation.Error = error;
        evaluation.FinishedAt = Now;
        also(db);
        AddEvent(db, evaluation, JsonNamingPolicy.CamelCase.ConvertName(state.ToString()));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>The time that the images left will take, from the last ones that were finished; null before there are two shards.</summary>
    private async Task<double?> SecondsLeftAsync(ServeDatabase db, EvaluationRow evaluation, CancellationToken ct)
    {
        var last = await db.Events.AsNoTracking().Where(row => row.EvaluationId == evaluation.Id && row.Type == "progress")
            .OrderByDescending(row => row.Id).Take(ShardsTimed).Select(row => row.Json).ToListAsync(ct);
        if (last.Count == 0)
            return null;
        var first = JsonSerializer.Deserialize(last[^1], ServeJson.Default.EvaluationEvent)!;
        var done = evaluation.Progress() - first.Progress;
        return done > 0 ? Math.Round((time.GetUtcNow() - first.At).TotalSeconds / done * (1 - evaluation.Progress()), 1) : null;
    }

    private void AddEvent(ServeDatabase db, EvaluationRow evaluation, string type, Func<EvaluationEvent, EvaluationEvent>? more = null)
    {
        var data = new EvaluationEvent(
            evaluation.Id, evaluation.State, evaluation.Progress(), evaluation.ShardsDone, evaluation.Shards, Shard: null, evaluation.Error, time.GetUtcNow());
        data = more?.Invoke(data) ?? data;
        db.Add(new EventRow { EvaluationId = evaluation.Id, Type = type, Json = JsonSerializer.Serialize(data, ServeJson.Default.EvaluationEvent) });
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;
}
