using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;
using Quartz;
using Quartz.Extensibility;
using Serve.Api.Hosting;
using Serve.Api.Storage;

namespace Serve.Api.Jobs;

/// <summary>
/// How the job engine is set up: where it keeps its jobs and how many run. It has a container of its own, so that its packages are loaded with the first job and not
/// with the server.
/// </summary>
internal static class Scheduling
{
    /// <summary>The job engine's tables beside SQLite: a file of their own, because the engine locks it for each of its steps.</summary>
    public const string JobsFile = "jobs.db";

    /// <summary>The engine's word for jobs that belong to no group.</summary>
    private const string Ungrouped = "_";

    /// <summary>Sets the engine up.</summary>
    /// <param name="services">The server's services, of which jobs are made.</param>
    public static StandaloneSchedulerFactory Build(IServiceProvider services)
    {
        var (options, node) = (services.GetRequiredService<IOptions<ServeOptions>>().Value, services.GetRequiredService<Node>());
        return QuartzSchedulerBuilder.Create(engine =>
        {
            engine.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>()).AddSingleton(typeof(ILogger<>), typeof(Logger<>));
            engine.UseJobFactory(new JobFactory(services));
            engine.UseDefaultThreadPool(options.MaxConcurrentJobs);
            engine.UseExecutionLimits(limits => limits.ForGroup(Node.Gpu, options.GpuSlots));
            engine.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "serve";
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
                if (!node.IsShared)
                    return;
                scheduler.InstanceId = node.Name;
                scheduler.ServedExecutionGroups.Add(node.Device);
                scheduler.ServedExecutionGroups.Add(Ungrouped);
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
                    store.UseSqlite(SqliteFactory.Instance, DatabaseFactory.SqliteConnection(services.GetRequiredService<ServeFolders>().Workspace, JobsFile));
                }
                store.ProvisionSchema();
            });
        }).Build();
    }

    /// <summary>Opens the engine's file. Readers then do not wait for writers: the mode is kept in the file. Our own database gets it from EF Core.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    // Not part of its caller, as StorageSetup.PrepareStorageAsync is none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task CheckFileAsync(string workspace, CancellationToken ct)
    {
        await using var jobs = new SqliteConnection(DatabaseFactory.SqliteConnection(workspace, JobsFile));
        try
        {
            await jobs.OpenAsync(ct);
            await using var wal = jobs.CreateCommand();
            wal.CommandText = "PRAGMA journal_mode = WAL";
            await wal.ExecuteNonQueryAsync(ct);
        }
        catch (SqliteException fault)
        {
            throw new IOException($"The job engine's file {JobsFile} in the workspace cannot be used: {fault.Message}", fault);
        }
    }

    /// <summary>Makes jobs of the server's services, each in a scope of its own.</summary>
    private sealed class JobFactory(IServiceProvider services) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default)
        {
            var scope = services.CreateAsyncScope();
            return new(new JobScope((IJob)ActivatorUtilities.CreateInstance(scope.ServiceProvider, bundle.JobDetail.JobType.Type), scope));
        }

        public ValueTask ReturnJob(JobScope job, CancellationToken cancellationToken = default) => ((AsyncServiceScope)job.State!).DisposeAsync();
    }
}
