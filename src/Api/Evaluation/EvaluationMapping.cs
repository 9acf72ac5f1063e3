using System.Text.Json;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Wire;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation;

/// <summary>Rows as clients see them.</summary>
internal static class EvaluationMapping
{
    /// <summary>Progress of an evaluation whose images are all done: the reduction is left.</summary>
    private const double BeforeReport = 0.99;

    /// <summary>Share of the work that is done: 1 only when the report is there.</summary>
    public static double Progress(this EvaluationRow row) => row switch
    {
        { State: EvaluationState.Done } => 1,
        { Images: 0 } => 0,
        _ => BeforeReport * row.ImagesDone / row.Images,
    };

    /// <summary>An evaluation without its report.</summary>
    public static EvaluationDocument ToDocument(this EvaluationRow row, ShardCounts? shards) => new()
    {
        Id = row.Id,
        State = row.State,
        Owner = row.Owner,
        Progress = row.Progress(),
        Dataset = row.Dataset,
        Split = row.Split,
        DatasetVersionHash = row.DatasetVersionHash,
        Model = row.Model,
        Version = row.ModelVersion,
        Protocol = row.Protocol,
        Priority = row.Priority,
        Device = row.Device,
        Latency = row.LatencyOf(),
        Error = row.Error,
        CreatedAt = Utc(row.CreatedAt),
        StartedAt = row.StartedAt is { } started ? Utc(started) : null,
        FinishedAt = row.FinishedAt is { } finished ? Utc(finished) : null,
        Shards = shards,
    };

    /// <summary>The latency of an evaluation's model; null until it is measured.</summary>
    public static LatencyReport? LatencyOf(this EvaluationRow row) => row.Latency is { } json ? JsonSerializer.Deserialize(json, ServeJson.Default.LatencyReport) : null;

    private static DateTimeOffset Utc(DateTime value) => new(DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
