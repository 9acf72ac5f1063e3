using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Evaluation.Storage;

/// <summary>A range of an evaluation's images: the piece of work that is done once.</summary>
internal sealed class ShardRow
{
    public required string EvaluationId { get; init; }

    /// <summary>Place in the evaluation, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Index of the first image in the split.</summary>
    public required int First { get; init; }

    public required int Count { get; init; }

    /// <summary>Key of its detections in <see cref="ShardResultRow"/>; set when it is finished.</summary>
    public string? Key { get; set; }

    public bool Done { get; set; }

    /// <summary>True when another evaluation had already detected the same.</summary>
    public bool Reused { get; set; }

    /// <summary>Times its detection was begun: more than one after a kill or a failure.</summary>
    public int Attempts { get; set; }

    public DateTime? StartedAt { get; set; }

    public DateTime? FinishedAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ShardRow>(shard =>
    {
        shard.ToTable("shards").HasKey(row => new { row.EvaluationId, row.Index });
        shard.HasOne<EvaluationRow>().WithMany().HasForeignKey(row => row.EvaluationId);
    });
}

/// <summary>The detections of a range of images by one model: shared by all evaluations that need the same.</summary>
internal sealed class ShardResultRow
{
    /// <summary>Hash of all that decides the detections, see <see cref="Jobs.ShardKey"/>; or the evaluation's id for submitted detections.</summary>
    public required string Key { get; init; }

    /// <summary>See <see cref="DetectionBlob"/>.</summary>
    public required byte[] Detections { get; init; }

    /// <summary>What made them (<see cref="Eval.Reports.DetectionOrigin"/>) as JSON; null for submitted ones.</summary>
    public string? Origin { get; init; }

    public required DateTime CreatedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ShardResultRow>().ToTable("shard_results").HasKey(row => row.Key);
}

/// <summary>Something that happened to an evaluation. Ids rise, so that a client resumes after the last one it saw.</summary>
internal sealed class EventRow
{
    public long Id { get; init; }

    public required string EvaluationId { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>progress</c>, <c>retry</c>, <c>done</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The event's data as JSON.</summary>
    public required string Json { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<EventRow>(happened =>
    {
        happened.ToTable("events").HasKey(row => row.Id);
        happened.Property(row => row.Id).ValueGeneratedOnAdd();
        happened.HasOne<EvaluationRow>().WithMany().HasForeignKey(row => row.EvaluationId);
        happened.HasIndex(row => new { row.EvaluationId, row.Id });
    });
}
