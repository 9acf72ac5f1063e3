using Quartz;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Runs the job engine from the first job on until the server stops: one that only detects goes without it, and without its memory.</summary>
/// <param name="services">Has the engine, which is only made when it is asked for.</param>
internal sealed class JobEngine(IServiceProvider services) : IHostedService, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private volatile IScheduler? _scheduler;
    private bool _stopping;

    /// <summary>What the engine does; null while it is not needed yet.</summary>
    public SchedulerStatus? Status => _scheduler?.Status;

    /// <summary>The engine, started; null when the server stops.</summary>
    public async Task<IScheduler?> StartedAsync(CancellationToken ct)
    {
        if (_scheduler is { } started)
            return IsStopping(started) ? null : started;
        await _gate.WaitAsync(ct);
        try
        {
            if (_stopping || _scheduler is not null)
                return _stopping ? null : _scheduler;
            var scheduler = await services.GetRequiredService<ISchedulerFactory>().GetScheduler(ct);
            await scheduler.Start(ct);
            return _scheduler = scheduler;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>True when the engine takes no more jobs.</summary>
    public static bool IsStopping(IScheduler scheduler) => scheduler.Status is SchedulerStatus.ShuttingDown or SchedulerStatus.Shutdown;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
    public void Dispose() => _gate.Dispose();
}
