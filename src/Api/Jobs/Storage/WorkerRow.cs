using Microsoft.EntityFrameworkCore;

namespace Serve.Api.Jobs.Storage;

/// <summary>A process that shares the database, as it last told of itself. Times are the database's, so that the clocks of machines do not matter.</summary>
internal sealed class WorkerRow
{
    public required string Node { get; init; }

    /// <summary>Tells two processes of one name apart.</summary>
    public required string Instance { get; init; }

    public required string Role { get; init; }

    public required DateTime StartedAt { get; init; }

    public required DateTime SeenAt { get; init; }

    /// <summary>When it said that it stops; null while it runs, and after a kill.</summary>
    public DateTime? StoppedAt { get; init; }

    public required string Version { get; init; }

    public required string Device { get; init; }

    public int Slots { get; init; }

    public int GpuSlots { get; init; }

    /// <summary>The jobs that it runs as JSON: <c>["evaluation/step"]</c>.</summary>
    public required string Running { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<WorkerRow>().ToTable("workers").HasKey(row => row.Node);
}
