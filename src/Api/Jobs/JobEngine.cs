using System.Runtime.CompilerServices;
using Quartz;
using Serve.Api.Hosting;

namespace Serve.Api.Jobs;

/// <summary>
/// Runs the job engine from the first job on until the server stops: one that only detects goes without it, and without its memory. A server that shares its database
/// runs it from its start on, because jobs come from others; one that runs no jobs only stores them.
/// </summary>
/// <param name="services">The server's services.</param>
/// <param name="node">This process.</param>
internal sealed class JobEngine(IServiceProvider services, Node node) : IHostedService, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private StandaloneSchedulerFactory? _factory;
    private volatile IScheduler? _scheduler;
    private volatile bool _isThere;
    private bool _stopping;

    /// <summary>What the engine does; null while it is not needed yet.</summary>
    public SchedulerStatus? Status => _scheduler?.Status;

    /// <summary>Why jobs are not taken; null when all is in order.</summary>
    public string? Fault => _isThere && node.RunsJobs ? FaultNow() : null;

    /// <summary>Makes the engine's tables where they are missing, and starts nothing yet.</summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            await MakeAsync(ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The engine, ready to take jobs, and running where this process runs them; null when the server stops.</summary>
    public async Task<IScheduler?> ReadyAsync(CancellationToken ct)
    {
        if (_scheduler is { } started)
            return IsStopping(started) ? null : started;
        await _gate.WaitAsync(ct);
        try
        {
            if (_stopping || _scheduler is not null)
                return _stopping ? null : _scheduler;
            var scheduler = await MakeAsync(ct);
            if (node.RunsJobs)
                await scheduler.Start(ct);
            _scheduler = scheduler;
            _isThere = true;
            return scheduler;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>True when the engine takes no more jobs.</summary>
    public static bool IsStopping(IScheduler scheduler) => scheduler.Status is SchedulerStatus.ShuttingDown or SchedulerStatus.Shutdown;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => node.IsShared ? StartSharedAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Waits for the jobs that run, which are asked to stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        _stopping = true;
        _gate.Release();
        if (_scheduler is { } scheduler)
            await scheduler.Shutdown(waitForJobsToComplete: true, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_factory is not null)
            await _factory.DisposeAsync();
        _gate.Dispose();
    }

    private async ValueTask<IScheduler> MakeAsync(CancellationToken ct)
    {
        if (_factory is null)
        {
            if (!node.IsShared)
                await Scheduling.CheckFileAsync(services.GetRequiredService<ServeFolders>().Workspace, ct);
            _factory = Scheduling.Build(services);
        }
        return await _factory.GetScheduler(ct);
    }

    // Methods of their own, as the flag is one: compiling what mentions the engine loads its package, which a server that has no jobs does without.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task StartSharedAsync(CancellationToken ct) => await ReadyAsync(ct);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private string? FaultNow() => Status is null or SchedulerStatus.Running ? null : $"The job engine is {Status}.";
}
