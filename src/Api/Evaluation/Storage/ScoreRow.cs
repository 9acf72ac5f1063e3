using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Evaluation.Storage;

/// <summary>What a finished evaluation is ranked by, apart from its report, so that thousands are read at once.</summary>
internal sealed class ScoreRow
{
    public required string EvaluationId { get; init; }

    /// <summary>The number that results of the protocol are ranked by; null where the evaluation has none.</summary>
    public required double? Value { get; init; }

    /// <summary>Lower end of its 95 % interval; null where it has none.</summary>
    public required double? Lower { get; init; }

    /// <summary>Upper end.</summary>
    public required double? Upper { get; init; }

    /// <summary>All numbers of the summary as JSON, by name, null for none.</summary>
    public required string Numbers { get; init; }

    /// <summary>Its values in the resamples (<see cref="Serve.Eval.Statistics.NumberSamples"/>); null where it has none.</summary>
    public required byte[]? Samples { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ScoreRow>(score =>
    {
        score.ToTable("scores").HasKey(row => row.EvaluationId);
        score.HasOne<EvaluationRow>().WithOne().HasForeignKey<ScoreRow>(row => row.EvaluationId);
    });
}
