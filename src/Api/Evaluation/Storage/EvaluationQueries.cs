using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Evaluation.Reruns;
using Serve.Api.Storage;
using Serve.Api.Wire;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation.Storage;

/// <summary>Reads evaluations.</summary>
internal sealed class EvaluationQueries(DatabaseFactory databases)
{
    /// <summary>An evaluation's row, or null.</summary>
    public async Task<EvaluationRow?> FindAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Evaluations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
    }

    /// <summary>A shard's row, or null.</summary>
    public async Task<ShardRow?> FindShardAsync(string id, int index, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Shards.AsNoTracking().SingleOrDefaultAsync(row => row.EvaluationId == id && row.Index == index, ct);
    }

    /// <summary>Indices of an evaluation's first unfinished shards, rising.</summary>
    public async Task<IReadOnlyList<int>> OpenShardsAsync(string id, int most, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Shards.Where(row => row.EvaluationId == id && !row.Done).OrderBy(row => row.Index).Select(row => row.Index).Take(most).ToListAsync(ct);
    }

    /// <summary>Evaluations that are not over, oldest first.</summary>
    public async Task<IReadOnlyList<EvaluationRow>> OpenAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Evaluations.AsNoTracking()
            .Where(row => row.State == EvaluationState.Queued || row.State == EvaluationState.Running)
            .OrderBy(row => row.Id).ToListAsync(ct);
    }

    /// <summary>What decides whose turn it is among the evaluations that are not over: the higher priority, then the lower id.</summary>
    public async Task<IReadOnlyList<(string Id, int Priority)>> OpenTurnsAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var rows = await db.Evaluations.Where(row => row.State == EvaluationState.Queued || row.State == EvaluationState.Running)
            .Select(row => new { row.Id, row.Priority }).ToListAsync(ct);
        return [.. rows.Select(row => (row.Id, row.Priority))];
    }

    /// <summary>True when a shard's detections are stored.</summary>
    public async Task<bool> HasResultAsync(string key, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.ShardResults.AnyAsync(row => row.Key == key, ct);
    }

    /// <summary>All detections of an evaluation, in image order, with their masks where they are asked for.</summary>
    public async Task<DetectionTable> DetectionsAsync(EvaluationRow evaluation, AnnotationParts parts, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var table = new DetectionTable { Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new() : null };
        List<string> keys = evaluation.Model is null
            ? [evaluation.Id]
            : await db.Shards.Where(row => row.EvaluationId == evaluation.Id).OrderBy(row => row.Index).Select(row => row.Key!).ToListAsync(ct);
        foreach (var key in keys)
            DetectionBlob.Unpack(await db.ShardResults.Where(row => row.Key == key).Select(row => row.Detections).SingleAsync(ct), table);
        return table;
    }

    /// <summary>An evaluation's report as JSON, or null.</summary>
    public async Task<string?> ReportAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await db.Reports.Where(row => row.EvaluationId == id).Select(row => row.Json).SingleOrDefaultAsync(ct);
    }

    /// <summary>An evaluation as clients see it, or null.</summary>
    public async Task<EvaluationDocument?> DocumentAsync(string id, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var row = await db.Evaluations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
        if (row is null)
            return null;
        var document = (await ToDocumentsAsync(db, [row], ct))[0];
        if (row.State != EvaluationState.Done || await ReportAsync(id, ct) is not { } report)
            return document with { Rerun = row.RerunOf is { } of ? new(of, null, []) : null };
        var now = new EvaluationRun(row, report, await OriginsAsync(db, row, ct));
        return document with
        {
            Report = JsonDocument.Parse(report).RootElement,
            Origins = now.Origins is [] ? null : now.Origins,
            Rerun = row.RerunOf is null ? null : await CompareAsync(db, now, ct),
        };
    }

    private async Task<RerunDocument> CompareAsync(ServeDatabase db, EvaluationRun now, CancellationToken ct)
    {
        var of = now.Row.RerunOf!;
        var row = await db.Evaluations.AsNoTracking().SingleAsync(row => row.Id == of, ct);
        return RerunComparison.Of(new(row, (await ReportAsync(of, ct))!, await OriginsAsync(db, row, ct)), now);
    }

    /// <summary>What made an evaluation's detections; none for submitted ones, and those of versions that did not note it.</summary>
    public async Task<IReadOnlyList<DetectionOrigin>> OriginsAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        return await OriginsAsync(db, evaluation, ct);
    }

    private static async Task<IReadOnlyList<DetectionOrigin>> OriginsAsync(ServeDatabase db, EvaluationRow row, CancellationToken ct)
    {
        var origins = await (from shard in db.Shards
                             where shard.EvaluationId == row.Id
                             join result in db.ShardResults on shard.Key equals result.Key
                             where result.Origin != null
                             select result.Origin).Distinct().ToListAsync(ct);
        return [.. origins.Order(StringComparer.Ordinal).Select(origin => JsonSerializer.Deserialize(origin!, ServeJson.Default.DetectionOrigin)!)];
    }

    /// <summary>A page of the evaluations that are asked for, newest first.</summary>
    public async Task<EvaluationList> ListAsync(EvaluationFilter filter, int offset, int limit, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var asked = filter.Of(db.Evaluations.AsNoTracking());
        var total = await asked.CountAsync(ct);
        var rows = await asked.OrderByDescending(row => row.Id).Skip(offset).Take(limit).ToListAsync(ct);
        return new EvaluationList(await ToDocumentsAsync(db, rows, ct), total, offset, limit);
    }

    /// <summary>An evaluation's events after one that is known, in order.</summary>
    public async Task<IReadOnlyList<(long Id, string Type, EvaluationEvent Event)>> EventsAsync(string id, long after, CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        var rows = await db.Events.AsNoTracking().Where(row => row.EvaluationId == id && row.Id > after).OrderBy(row => row.Id).ToListAsync(ct);
        return [.. rows.Select(row => (row.Id, row.Type, JsonSerializer.Deserialize(row.Json, ServeJson.Default.EvaluationEvent)!))];
    }

    private static async Task<IReadOnlyList<EvaluationDocument>> ToDocumentsAsync(ServeDatabase db, IReadOnlyList<EvaluationRow> rows, CancellationToken ct)
    {
        string[] ids = [.. rows.Select(row => row.Id)];
        var counts = await db.Shards.Where(shard => ids.Contains(shard.EvaluationId)).GroupBy(shard => shard.EvaluationId)
            .Select(group => new { Id = group.Key, Attempts = group.Sum(shard => shard.Attempts), Reused = group.Count(shard => shard.Reused) })
            .ToDictionaryAsync(entry => entry.Id, ct);
        // Not whole rows: each has thousands of resampled values.
        var scores = await db.Scores.Where(score => ids.Contains(score.EvaluationId) && score.Value != null)
            .Select(score => new { score.EvaluationId, score.Value, score.Lower, score.Upper }).ToDictionaryAsync(score => score.EvaluationId, ct);
        return [.. rows.Select(row => row.ToDocument(
            row.Shards is { } shards
                ? new ShardCounts(shards, row.ShardsDone, counts.GetValueOrDefault(row.Id)?.Reused ?? 0, counts.GetValueOrDefault(row.Id)?.Attempts ?? 0)
                : null) with
        {
            Headline = scores.GetValueOrDefault(row.Id) is { } score ? new(Protocols.Find(row.Protocol)!.HeadlineNumber, score.Value!.Value, score.Lower, score.Upper) : null,
        })];
    }
}
