using Microsoft.Data.Sqlite;
using Quartz;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Storage;

namespace Serve.Api.Evaluation;

/// <summary>Registers evaluations: their tables, the job engine and what runs on it.</summary>
internal static class EvaluationSetup
{
    /// <summary>The job engine's tables: a file of their own, because the engine locks it for each of its steps.</summary>
    public const string JobsFile = "jobs.db";

    public static IServiceCollection AddEvaluation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<EvaluationStore>().AddSingleton<EvaluationQueries>();
        services.AddSingleton<EvaluationRequestReader>().AddSingleton<EvaluationRequestCheck>().AddSingleton<EvaluationEvents>().AddSingleton<EvaluationQueue>();

        // The engine is set up before the settings are checked, which happens at start; a wrong value is refused then.
        var options = configuration.GetSection(ServeOptions.Section).Get<ServeOptions>() ?? new ServeOptions();
        services.AddQuartz(engine =>
        {
            engine.UseDefaultThreadPool(Math.Max(1, options.MaxConcurrentJobs));
            engine.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "serve";
                scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            engine.UsePersistentStore(store =>
            {
                store.UseSqlite(SqliteFactory.Instance, DatabaseFactory.SqliteConnection(Path.GetFullPath(options.Workspace), JobsFile));
                store.ProvisionSchema();
                store.ConfigureStore(jobs => jobs.RecoverFiringsCancelledByShutdown = true);
            });
        });
        // Not Quartz' own hosted service, which would start the engine before there is anything to do.
        services.AddSingleton<JobEngine>().AddHostedService(provider => provider.GetRequiredService<JobEngine>());
        services.AddHostedService<EvaluationReconciler>();
        return services;
    }

    /// <summary>Opens the job engine's file, which also shows that the workspace can be written to.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static async Task PrepareJobsAsync(this IServiceProvider services, CancellationToken ct)
    {
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
