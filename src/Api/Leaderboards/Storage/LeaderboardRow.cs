using Microsoft.EntityFrameworkCore;
using Serve.Api.Datasets.Storage;

namespace Serve.Api.Leaderboards.Storage;

/// <summary>A leaderboard: what methods are measured on, and under which rules they are submitted.</summary>
internal sealed class LeaderboardRow
{
    public required string Name { get; init; }

    public required string Title { get; set; }

    public string? Description { get; set; }

    /// <summary>Name of the protocol; under <c>usb</c> each dataset has its own of that family.</summary>
    public required string Protocol { get; init; }

    /// <summary>Name of who opened it.</summary>
    public required string Owner { get; init; }

    public required DateTime CreatedAt { get; init; }

    /// <summary>From when on nothing is taken any more; null for never.</summary>
    public DateTime? ClosesAt { get; set; }

    /// <summary>Submissions of one submitter in a UTC day.</summary>
    public required int SubmissionsPerDay { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<LeaderboardRow>().ToTable("leaderboards").HasKey(row => row.Name);
}

/// <summary>A dataset of a leaderboard, in the version that it had when the leaderboard was opened.</summary>
internal sealed class LeaderboardDatasetRow
{
    public required string Leaderboard { get; init; }

    public required string Dataset { get; init; }

    /// <summary>From 0, in the order in which they were given.</summary>
    public required int Place { get; init; }

    public required int Version { get; init; }

    public required string Split { get; init; }

    /// <summary>The protocol of evaluations on it.</summary>
    public required string Protocol { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<LeaderboardDatasetRow>(dataset =>
    {
        dataset.ToTable("leaderboard_datasets").HasKey(row => new { row.Leaderboard, row.Dataset });
        dataset.HasOne<LeaderboardRow>().WithMany().HasForeignKey(row => row.Leaderboard);
        // What a leaderboard measures on is not deleted.
        dataset.HasOne<DatasetRow>().WithMany().HasForeignKey(row => row.Dataset).OnDelete(DeleteBehavior.Restrict);
    });
}
