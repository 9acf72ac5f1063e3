using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Datasets.Storage;

/// <summary>A dataset: what is the same in all its versions.</summary>
internal sealed class DatasetRow
{
    public required string Name { get; init; }

    public required DatasetVisibility Visibility { get; set; }

    /// <summary>Name of who registered it; null for one of the data folder, which belongs to whoever runs the server.</summary>
    public string? Owner { get; set; }

    public string? Description { get; set; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>The version that is meant where none is named; 0 only while its first one is being added.</summary>
    public int CurrentVersion { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<DatasetRow>(dataset =>
    {
        dataset.ToTable("datasets").HasKey(row => row.Name);
        dataset.Property(row => row.Visibility).HasConversion<string>();
    });
}

/// <summary>A state of a dataset's files. It never changes.</summary>
internal sealed class DatasetVersionRow
{
    public required string Dataset { get; init; }

    /// <summary>From 1, in the order in which they came.</summary>
    public required int Version { get; init; }

    /// <summary>See <see cref="ContentHash"/>.</summary>
    public required string Hash { get; init; }

    public required DatasetOrigin Origin { get; init; }

    /// <summary>The format that it was read from.</summary>
    public required string Format { get; init; }

    /// <summary>Its splits as JSON, a list of <see cref="SplitSummary"/>.</summary>
    public required string Splits { get; init; }

    /// <summary>What its check found as JSON, a <see cref="CheckSummary"/>; null where it was not checked.</summary>
    public string? Checks { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>Name of who sent it; null where the server found it.</summary>
    public string? CreatedBy { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<DatasetVersionRow>(version =>
    {
        version.ToTable("dataset_versions").HasKey(row => new { row.Dataset, row.Version });
        version.Property(row => row.Origin).HasConversion<string>();
        version.HasOne<DatasetRow>().WithMany().HasForeignKey(row => row.Dataset);
        version.HasIndex(row => new { row.Dataset, row.Hash }).IsUnique();
    });
}
