using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Evaluation.Storage;

/// <summary>Where an evaluation stands. On the wire in lower case.</summary>
[JsonConverter(typeof(EvaluationStateConverter))]
public enum EvaluationState
{
    /// <summary>Accepted, not begun.</summary>
    Queued,

    /// <summary>Detecting or evaluating.</summary>
    Running,

    /// <summary>The report is there.</summary>
    Done,

    /// <summary>It cannot be done; <c>error</c> says why.</summary>
    Failed,

    /// <summary>Cancelled by a client.</summary>
    Cancelled,
}

/// <summary>One evaluation.</summary>
internal sealed class EvaluationRow
{
    /// <summary>Time-ordered identifier, 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public EvaluationState State { get; set; }

    /// <summary>Name of who asked for it; null for those from before there were keys.</summary>
    public string? Owner { get; init; }

    /// <summary>The evaluation that this one runs again; null for others.</summary>
    public string? RerunOf { get; init; }

    public required string Dataset { get; init; }

    public required string Split { get; init; }

    /// <summary>SHA-256 of the annotations when the evaluation was asked for: shards refuse other data.</summary>
    public required string DatasetHash { get; init; }

    /// <summary>Hash of the dataset's version that it was asked for on; null for those from before there were versions.</summary>
    public string? DatasetVersionHash { get; init; }

    /// <summary>The model, or null when detections were submitted.</summary>
    public string? Model { get; init; }

    public int? ModelVersion { get; init; }

    public required string Protocol { get; init; }

    /// <summary>-10..10: higher ones come first.</summary>
    public int Priority { get; init; }

    /// <summary><c>cpu</c> or <c>gpu</c>: what runs the model, as asked for, else as the node that planned it. Numbers of two devices differ, so one does all shards.</summary>
    public string? Device { get; set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; set; }

    public required DateTime CreatedAt { get; init; }

    public DateTime? StartedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    /// <summary>Images in the split.</summary>
    public int Images { get; init; }

    /// <summary>Images of the finished shards.</summary>
    public int ImagesDone { get; set; }

    /// <summary>Number of shards; null until they are planned.</summary>
    public int? Shards { get; set; }

    public int ShardsDone { get; set; }

    /// <summary>True from the moment the last shard is done: only the reduction is left. Set in that shard's transaction.</summary>
    public bool Reducing { get; set; }

    /// <summary>Times the reduction was begun.</summary>
    public int ReductionAttempts { get; set; }

    /// <summary>True when the latency of the model was asked for.</summary>
    public bool MeasuresLatency { get; init; }

    /// <summary>Times that measuring it was begun.</summary>
    public int LatencyAttempts { get; set; }

    /// <summary>The latency (<see cref="Eval.Reports.LatencyReport"/>) as JSON; null until it is measured.</summary>
    public string? Latency { get; set; }

    /// <summary>True while the latency has to be measured before the reduction.</summary>
    public bool LacksLatency => MeasuresLatency && Latency is null && Images > 0;

    /// <summary>True when nothing more will happen.</summary>
    public bool IsOver => State is EvaluationState.Done or EvaluationState.Failed or EvaluationState.Cancelled;

    public static void Configure(ModelBuilder model) => model.Entity<EvaluationRow>(evaluation =>
    {
        evaluation.ToTable("evaluations").HasKey(row => row.Id);
        evaluation.Property(row => row.State).HasConversion<string>();
        evaluation.Ignore(row => row.IsOver);
        evaluation.Ignore(row => row.LacksLatency);
        evaluation.HasIndex(row => row.State);
    });
}

/// <summary>A finished evaluation's report, apart from its row so that lists stay small.</summary>
internal sealed class ReportRow
{
    public required string EvaluationId { get; init; }

    public required string Json { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ReportRow>(report =>
    {
        report.ToTable("reports").HasKey(row => row.EvaluationId);
        report.HasOne<EvaluationRow>().WithOne().HasForeignKey<ReportRow>(row => row.EvaluationId);
    });
}

/// <summary>Writes <c>queued</c>, <c>running</c>, <c>done</c>, <c>failed</c>, <c>cancelled</c>.</summary>
internal sealed class EvaluationStateConverter() : JsonStringEnumConverter<EvaluationState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
