using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Comparisons.Storage;

/// <summary>A comparison. Its evaluations never change, so it stays right.</summary>
internal sealed class ComparisonRow
{
    /// <summary>Time-ordered identifier, 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Name of who asked for it.</summary>
    public required string Owner { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Hash of the dataset's version; null for evaluations from before there were versions.</summary>
    public string? DatasetVersionHash { get; init; }

    /// <summary>Images of the split.</summary>
    public int SplitImages { get; init; }

    public required string Split { get; init; }

    public required string Protocol { get; init; }

    /// <summary>What was compared, as JSON.</summary>
    public required string Evaluations { get; init; }

    /// <summary>The comparison as the evaluator writes it.</summary>
    public required string Comparison { get; init; }

    /// <summary>The images on which they disagree, as JSON: apart, because it tells about single images.</summary>
    public required string Images { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<ComparisonRow>().ToTable("comparisons").HasKey(row => row.Id);
}
