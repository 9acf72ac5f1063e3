using Serve.Api.Hosting;
using Serve.Api.Jobs.Storage;

namespace Serve.Api.Jobs;

/// <summary>The job engine, and the processes that run jobs.</summary>
internal static class JobsSetup
{
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<Node>().AddSingleton<RunningJobs>().AddSingleton<JobGate>().AddSingleton<SpareCores>().AddSingleton<WorkerStore>().AddSingleton<Membership>();
        // Before the engine, so that it ends after it: a node that waits for its jobs lives.
        services.AddHostedService<Heartbeat>();
        // Not Quartz' own hosted service, which would start the engine before there is anything to do.
        services.AddSingleton<JobEngine>().AddHostedService(provider => provider.GetRequiredService<JobEngine>());
        return services;
    }

    /// <summary>Joins those that share the database, or shows that the workspace can be written to: what is in the job engine's file is looked at, and else an empty one made.</summary>
    /// <exception cref="IOException">The workspace cannot be used.</exception>
    /// <exception cref="Serve.Eval.InvalidInputException">The workspace is not that of the others, or one of the same name is alive.</exception>
    public static async Task PrepareJobsAsync(this IServiceProvider services, CancellationToken ct)
    {
        if (services.GetRequiredService<Node>().IsShared)
        {
            await services.GetRequiredService<Membership>().JoinAsync(ct);
            return;
        }
        var workspace = services.GetRequiredService<ServeFolders>().Workspace;
        if (!MakeEmpty(Path.Combine(workspace, Scheduling.JobsFile)))
            await Scheduling.CheckFileAsync(workspace, ct);
    }

    /// <summary>Makes a file where there is none. SQLite takes an empty one for an empty database.</summary>
    /// <returns>False when there is something in it.</returns>
    private static bool MakeEmpty(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            return file.Length == 0;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The job engine's file {Path.GetFileName(path)} in the workspace cannot be used: {fault.Message}", fault);
        }
    }
}
