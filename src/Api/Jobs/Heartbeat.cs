using Serve.Api.Jobs.Storage;

namespace Serve.Api.Jobs;

/// <summary>Tells the others that share the database, every few seconds, that this process is alive and what it runs.</summary>
internal sealed partial class Heartbeat(Node node, WorkerStore workers, TimeProvider time, ILogger<Heartbeat> log) : BackgroundService
{
    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (node.IsShared)
            await TryAsync(workers.StoppedAsync, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!node.IsShared)
            return;
        using var timer = new PeriodicTimer(WorkerStore.Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryAsync(workers.SeenAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> tell, CancellationToken ct)
    {
        try
        {
            await tell(ct);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Others could not be told that this server is alive; it is tried again. {Cause}")]
    private partial void LogFault(string cause);
}
