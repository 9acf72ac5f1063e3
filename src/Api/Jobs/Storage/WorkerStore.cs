using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Serve.Api.Storage;
using Serve.Api.Wire;

namespace Serve.Api.Jobs.Storage;

/// <summary>A process that shares the database.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role"><c>all</c>, <c>api</c> or <c>worker</c>.</param>
/// <param name="IsAlive">True when it was seen lately and has not said that it stops.</param>
/// <param name="Device">What runs its models: <c>cpu</c> or <c>gpu</c>.</param>
/// <param name="Version">Version of its program.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="SeenAt">When it last told that it is alive.</param>
/// <param name="StoppedAt">When it said that it stops.</param>
/// <param name="Slots">Jobs that it runs at the same time; 0 where it runs none.</param>
/// <param name="GpuSlots">Those of them that may use its GPU.</param>
/// <param name="Running">The jobs that it runs.</param>
internal sealed record Worker(
    string Name, string Role, bool IsAlive, string Device, string Version, DateTime StartedAt, DateTime SeenAt, DateTime? StoppedAt, int Slots, int GpuSlots,
    IReadOnlyList<RunningJob> Running);

/// <summary>Who shares the database. With SQLite that is this process alone, of which nothing is written down.</summary>
internal sealed class WorkerStore(DatabaseFactory databases, Node node, RunningJobs running, TimeProvider time)
{
    /// <summary>How often a process tells that it is alive.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(3);

    /// <summary>Silence after which it is taken for dead.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    /// <summary>Tells that this process is alive, and what it runs; forgets those that have been gone for a day.</summary>
    public async Task SeenAsync(CancellationToken ct)
    {
        var jobs = JsonSerializer.Serialize([.. running.Now.Select(job => $"{job.Evaluation}/{job.Step}")], ServeJson.Default.StringArray);
        await using var db = await databases.CreateDbContextAsync(ct);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO workers ("Node", "Instance", "Role", "StartedAt", "SeenAt", "StoppedAt", "Version", "Device", "Slots", "GpuSlots", "Running")
            VALUES ({node.Name}, {node.Instance}, {node.Role}, {node.StartedAt}, now(), NULL, {Node.Version}, {node.Device}, {Slots}, {GpuSlots}, {jobs})
            ON CONFLICT ("Node") DO UPDATE SET "Instance" = excluded."Instance", "Role" = excluded."Role", "StartedAt" = excluded."StartedAt", "SeenAt" = now(),
                "StoppedAt" = NULL, "Version" = excluded."Version", "Device" = excluded."Device", "Slots" = excluded."Slots", "GpuSlots" = excluded."GpuSlots",
                "Running" = excluded."Running"
            """, ct);
        await db.Database.ExecuteSqlAsync($"""DELETE FROM workers WHERE "SeenAt" < now() - {Kept}""", ct);
    }

    /// <summary>Tells that this process stops.</summary>
    public async Task StoppedAsync(CancellationToken ct)
    {
        await using var db = await databases.CreateDbContextAsync(ct);
        await db.Database.ExecuteSqlAsync(
            $"""UPDATE workers SET "StoppedAt" = now(), "Running" = '[]' WHERE "Node" = {node.Name} AND "Instance" = {node.Instance}""", ct);
    }

    /// <summary>All that were seen within a day, by name.</summary>
    public async Task<IReadOnlyList<Worker>> ListAsync(CancellationToken ct)
    {
        if (!node.IsShared)
            return [Own(time.GetUtcNow().UtcDateTime)];
        await using var db = await databases.CreateDbContextAsync(ct);
        var rows = await db.Workers.AsNoTracking().OrderBy(row => row.Node).ToListAsync(ct);
        var now = await db.Database.SqlQuery<DateTime>($"""SELECT now() AS "Value" """).SingleAsync(ct);
        return [.. rows.Select(row => new Worker(
            row.Node, row.Role, row.StoppedAt is null && now - row.SeenAt < Patience, row.Device, row.Version, row.StartedAt, row.SeenAt, row.StoppedAt, row.Slots,
            row.GpuSlots, [.. JsonSerializer.Deserialize(row.Running, ServeJson.Default.StringArray)!.Select(JobOf)]))];
    }

    private Worker Own(DateTime now)
        => new(node.Name, node.Role, IsAlive: true, node.Device, Node.Version, node.StartedAt, now, StoppedAt: null, Slots, GpuSlots, running.Now);

    private int Slots => node.RunsJobs ? node.Slots : 0;

    private int GpuSlots => node.RunsJobs && node.Device == Node.Gpu ? Math.Min(node.GpuSlots, node.Slots) : 0;

    private static RunningJob JobOf(string text) => text.Split('/') is [var evaluation, var step] ? new(evaluation, step) : new(text, "");
}
