using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Serve.Api.Access.Storage;
using Serve.Api.Hosting;
using Serve.Api.Storage;

namespace Serve.Api.Access;

/// <summary>Notes from time to time when keys were used, and deletes what is old.</summary>
internal sealed partial class AccessUpkeep(
    DatabaseFactory database, KeyRing keys, KeyStore store, AuditStore audit, IdempotencyStore idempotency, IOptions<ServeOptions> options, TimeProvider time,
    ILogger<AccessUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Does it once.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        if (!database.IsEmpty)
            await TryAsync(ct);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RunAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    // Not part of its caller, as StorageSetup.PrepareStorageAsync is none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task TryAsync(CancellationToken ct)
    {
        try
        {
            if (keys.TakeUsed() is { Count: > 0 } used)
                await store.UsedAsync(used, ct);
            await audit.DeleteAsync(time.GetUtcNow().UtcDateTime.AddDays(-options.Value.AuditDays), ct);
            await idempotency.DeleteOldAsync(ct);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The upkeep of keys and of the audit log failed; it is tried again.")]
    private partial void LogFault(Exception exception);
}
