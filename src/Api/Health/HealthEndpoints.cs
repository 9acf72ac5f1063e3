using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Api.Storage;
using Serve.Inference.Models;
using Serve.Inference.Repository;

namespace Serve.Api.Health;

/// <summary>Whether the server lives, and whether it can do its work.</summary>
internal static class HealthEndpoints
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health");
        group.MapGet("/live", Live).WithName("Live");
        group.MapGet("/ready", Ready).WithName("Ready").Produces<ReadyDocument>().Produces<ReadyDocument>(StatusCodes.Status503ServiceUnavailable);
        return routes;
    }

    /// <summary>Answers while the process lives.</summary>
    internal static Ok<LiveDocument> Live() => TypedResults.Ok(new LiveDocument("live"));

    /// <summary>Tells whether models, database and jobs work; 503 when one of them does not.</summary>
    internal static async Task<JsonHttpResult<ReadyDocument>> Ready(Readiness readiness, CancellationToken ct)
    {
        var document = await readiness.CheckAsync(ct);
        return TypedResults.Json(document, statusCode: document.Status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>Looks whether the server can do its work.</summary>
internal sealed class Readiness(
    ModelRepository models, ServeFolders folders, DatabaseFactory databases, JobEngine engine, IOptions<ServeOptions> options)
{
    public async Task<ReadyDocument> CheckAsync(CancellationToken ct)
    {
        var versions = models.Versions;
        HealthCheckDocument[] checks = [Models(versions), await DatabaseAsync(ct), Jobs()];
        LoadedModel[] loaded =
        [
            .. versions.Select(version => version.Loaded).OfType<DetectionModel>()
                .Select(model => new LoadedModel(model.Passport.Name, model.Passport.Version, model.Device, model.DeviceReason)),
        ];
        return new ReadyDocument(checks.All(check => check.Ok) ? "ready" : "unready", options.Value.Device, versions.Count, loaded, checks);
    }

    // Models in memory answer also while their folder cannot be read; one that failed leaves the others.
    private HealthCheckDocument Models(IReadOnlyList<ModelVersion> versions)
    {
        var failed = versions.Where(version => version.State == ModelState.Failed)
            .Select(version => folders.WithoutPaths($"{version.Name} {version.Version} cannot be served: {version.Reason}"));
        var told = models.Unreadable is { } fault ? failed.Prepend(folders.WithoutPaths(fault)) : failed;
        var ok = models.Unreadable is null || versions.Any(version => version.Loaded is not null);
        return new("models", ok, string.Join(' ', told) is { Length: > 0 } detail ? detail : null);
    }

    private async Task<HealthCheckDocument> DatabaseAsync(CancellationToken ct)
    {
        if (databases.IsEmpty)
            return Directory.Exists(folders.Workspace) ? new("database", true, null) : new("database", false, "Its folder is not there.");
        return new("database", await databases.CanConnectAsync(ct) is var ok && ok, ok ? null : "It cannot be reached.");
    }

    // An engine that is not needed yet is in order: it starts with the first job.
    private HealthCheckDocument Jobs() => new("jobs", engine.Fault is null, engine.Fault);
}
