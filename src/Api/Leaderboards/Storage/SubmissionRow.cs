using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Evaluation.Storage;

namespace Serve.Api.Leaderboards.Storage;

/// <summary>What was submitted. On the wire in lower case.</summary>
[JsonConverter(typeof(SubmissionKindConverter))]
public enum SubmissionKind
{
    /// <summary>Detections that were made elsewhere.</summary>
    Detections,

    /// <summary>A model that this server runs: one that it serves, or one that was submitted.</summary>
    Model,
}

/// <summary>Writes <c>detections</c>, <c>model</c>.</summary>
internal sealed class SubmissionKindConverter() : JsonStringEnumConverter<SubmissionKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

/// <summary>A submission. Where it stands follows from its evaluations, one a dataset of its leaderboard.</summary>
internal sealed class SubmissionRow
{
    /// <summary>Time-ordered identifier, 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    public required string Leaderboard { get; init; }

    /// <summary>What the submitter calls the method; several submissions of one are its history.</summary>
    public required string Method { get; init; }

    /// <summary>Name of who submitted it.</summary>
    public required string Submitter { get; init; }

    public required SubmissionKind Kind { get; init; }

    /// <summary>A model that this server serves; null for others.</summary>
    public string? Model { get; init; }

    public int? ModelVersion { get; init; }

    public string? Description { get; init; }

    /// <summary>Whether it is known how the method came about: by a passport's provenance, or because its submitter stated it.</summary>
    public bool Declared { get; init; }

    /// <summary>How it came about, as JSON (<see cref="UsbOrigin"/>), where the protocol has divisions and that is known; null else.</summary>
    public string? Origin { get; init; }

    public required DateTime SubmittedAt { get; init; }

    public DateTime? WithdrawnAt { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<SubmissionRow>(submission =>
    {
        submission.ToTable("submissions").HasKey(row => row.Id);
        submission.Property(row => row.Kind).HasConversion<string>();
        submission.HasOne<LeaderboardRow>().WithMany().HasForeignKey(row => row.Leaderboard);
        submission.HasIndex(row => new { row.Leaderboard, row.Submitter, row.SubmittedAt });
    });
}

/// <summary>The evaluation of a submission on a dataset.</summary>
internal sealed class SubmissionEvaluationRow
{
    public required string Submission { get; init; }

    /// <summary>The dataset's place in the leaderboard.</summary>
    public required int Place { get; init; }

    public required string Evaluation { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<SubmissionEvaluationRow>(evaluation =>
    {
        evaluation.ToTable("submission_evaluations").HasKey(row => new { row.Submission, row.Place });
        evaluation.HasOne<SubmissionRow>().WithMany().HasForeignKey(row => row.Submission);
        evaluation.HasOne<EvaluationRow>().WithMany().HasForeignKey(row => row.Evaluation).OnDelete(DeleteBehavior.Restrict);
    });
}
