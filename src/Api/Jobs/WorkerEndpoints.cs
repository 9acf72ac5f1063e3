using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Jobs.Storage;

namespace Serve.Api.Jobs;

/// <summary>The processes that share the database.</summary>
/// <param name="Workers">By name.</param>
public sealed record WorkerList(IReadOnlyList<WorkerDocument> Workers);

/// <summary>A process that shares the database.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">`all`, `api` (runs no jobs) or `worker` (only runs jobs).</param>
/// <param name="Alive">True when it was seen within 15 s and has not said that it stops.</param>
/// <param name="Device">What runs its models: `cpu` or `gpu`.</param>
/// <param name="Version">Version of its program.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="SeenAt">When it last told that it is alive, which it does every 3 s.</param>
/// <param name="StoppedAt">When it said that it stops; null while it runs, and after a kill.</param>
/// <param name="Slots">Jobs that it runs at the same time.</param>
/// <param name="GpuSlots">Those of them that may use its GPU.</param>
/// <param name="Running">The jobs that it ran when it was last seen.</param>
public sealed record WorkerDocument(
    string Name, string Role, bool Alive, string Device, string Version, DateTimeOffset StartedAt, DateTimeOffset SeenAt, DateTimeOffset? StoppedAt, int Slots, int GpuSlots,
    IReadOnlyList<RunningJob> Running);

/// <summary>Who runs the jobs.</summary>
internal static class WorkerEndpoints
{
    public static IEndpointRouteBuilder MapJobs(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/workers", List).WithName("ListWorkers").WithTags("Workers").Require(Role.Reader);
        return routes;
    }

    /// <summary>Lists the processes that share this server's database, with what they run; those that are gone for a day.</summary>
    internal static async Task<Ok<WorkerList>> List(WorkerStore workers, CancellationToken ct)
        => TypedResults.Ok(new WorkerList([.. (await workers.ListAsync(ct)).Select(ToDocument)]));

    private static WorkerDocument ToDocument(Worker worker) => new(
        worker.Name, worker.Role, worker.IsAlive, worker.Device, worker.Version, Utc(worker.StartedAt), Utc(worker.SeenAt),
        worker.StoppedAt is { } stopped ? Utc(stopped) : null, worker.Slots, worker.GpuSlots, worker.Running);

    private static DateTimeOffset Utc(DateTime value) => new(DateTime.SpecifyKind(value, DateTimeKind.Utc));
}
