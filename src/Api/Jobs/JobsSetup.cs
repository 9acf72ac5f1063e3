using Microsoft.Data.Sqlite;
using Npgsql;
using Quartz;
using Serve.Api.Hosting;
using Serve.Api.Jobs.Storage;
using Serve.Api.Storage;

namespace Serve.Api.Jobs;

/// <summary>The job engine, and the processes that run jobs.</summary>
internal static class JobsSetup
{
    /// <summary>The job engine's tables beside SQLite: a file of their own, because the engine locks it for each of its steps.</summary>
    private const string JobsFile = "jobs.db";

    /// <summary>The engine's word for jobs that belong to no group.</summary>
    private const string Ungrouped = "_";

    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Node>().AddSingleton<RunningJobs>().AddSingleton<JobGate>().AddSingleton<SpareCores>().AddSingleton<WorkerStore>().AddSingleton<Membership>();
        // Before the engine, so that it ends after it: a node that waits for its jobs lives.
        services.AddHostedService<Heartbeat>();

        // The engine is set up before the settings are checked, which happens at start; a wrong value is refused then.
        var options = configuration.GetSection(ServeOptions.Section).Get<ServeOptions>() ?? new ServeOptions();
        services.AddQuartz(engine =>
        {
            engine.UseDefaultThreadPool(Math.Max(1, options.MaxConcurrentJobs));
            engine.UseExecutionLimits(limits => limits.ForGroup(Node.Gpu, Math.Max(1, options.GpuSlots)));
            engine.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "serve";
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            engine.UsePersistentStore(store =>
            {
                if (options.Database is { IsPostgres: true, Connection: { } connection })
                {
                    store.UsePostgres(NpgsqlFactory.Instance, DatabaseFactory.PostgresConnection(connection));
                    store.UseClustering(cluster =>
                    {
                        // A node that has not checked in for their sum is dead to the engine, and what it ran is done by others.
                        cluster.CheckinInterval = TimeSpan.FromSeconds(2);
                        cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(8);
                    });
                }
                else
                {
                    store.UseSqlite(SqliteFactory.Instance, DatabaseFactory.SqliteConnection(Path.GetFullPath(options.Workspace), JobsFile));
                }
                store.ProvisionSchema();
            });
        });
        services.AddOptions<QuartzSchedulerOptions>().Configure<Node>((scheduler, node) =>
        {
            if (!node.IsShared)
                return;
            scheduler.InstanceId = node.Name;
            scheduler.ServedExecutionGroups.Add(node.Device);
            scheduler.ServedExecutionGroups.Add(Ungrouped);
        });
        // Not Quartz' own hosted service, which would start the engine before there is anything to do.
        services.AddSingleton<JobEngine>().AddHostedService(provider => provider.GetRequiredService<JobEngine>());
        return services;
    }

    /// <summary>Joins those that share the database, or opens the job engine's file, which also shows that the workspace can be written to.</summary>
    /// <exception cref="IOException">The workspace cannot be used.</exception>
    /// <exception cref="Serve.Eval.InvalidInputException">The workspace is not that of the others, or one of the same name is alive.</exception>
    public static async Task PrepareJobsAsync(this IServiceProvider services, CancellationToken ct)
    {
        if (services.GetRequiredService<Node>().IsShared)
        {
            await services.GetRequiredService<Membership>().JoinAsync(ct);
            return;
        }
        await using var jobs = new SqliteConnection(DatabaseFactory.SqliteConnection(services.GetRequiredService<ServeFolders>().Workspace, JobsFile));
        try
        {
            await jobs.OpenAsync(ct);
            await using var wal = jobs.CreateCommand();
            // Readers then do not wait for writers; the mode is kept in the file. Our own database gets it from EF Core.
            wal.CommandText = "PRAGMA journal_mode = WAL";
            await wal.ExecuteNonQueryAsync(ct);
        }
        catch (SqliteException fault)
        {
            throw new IOException($"The job engine's file {JobsFile} in the workspace cannot be used: {fault.Message}", fault);
        }
    }
}
