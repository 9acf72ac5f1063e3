using System.Runtime.CompilerServices;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Api.Storage;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>
/// Enqueues what our tables say is to be done and the engine has lost: after a kill between a commit and its enqueueing, after a job that failed
/// on a full disk, after a worker was killed or stopped in the middle, after the engine's file was deleted. Stops what runs here
/// for an evaluation that was cancelled elsewhere. At start, and from time to time.
/// </summary>
internal sealed partial class EvaluationReconciler(
    DatabaseFactory database, EvaluationQueries queries, EvaluationQueue queue, RunningJobs jobs, TimeProvider time, ILogger<EvaluationReconciler> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Times as long as it took that it rests: thousands of open evaluations do not keep it busy.</summary>
    private const int Rest = 9;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                var began = time.GetTimestamp();
                // What it takes is not even compiled before there is something to do: the packages of database and job engine would be loaded for it.
                if (!database.IsEmpty)
                    await TryReconcileAsync(stoppingToken);
                timer.Period = time.GetElapsedTime(began) * Rest is var rest && rest > Period ? rest : Period;
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task TryReconcileAsync(CancellationToken ct)
    {
        try
        {
            foreach (var id in jobs.Now.Select(job => job.Evaluation).Distinct())
            {
                if (await queries.FindAsync(id, ct) is { IsOver: true })
                    await queue.InterruptAsync(id, ct);
            }
            foreach (var evaluation in await queries.OpenAsync(ct))
                await EnqueueAsync(evaluation, ct);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A database that is locked or full now may not be at the next tick; giving up would leave evaluations lying.
            LogFault(fault);
        }
    }

    private async Task EnqueueAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        if (evaluation.State == EvaluationState.Queued)
            await queue.EnqueuePlanAsync(evaluation, ct);
        else if (evaluation.Reducing)
            await queue.EnqueueReductionAsync(evaluation, ct);
        else
            await queue.EnqueueShardsAsync(evaluation, ct);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking for lost jobs failed; it is tried again.")]
    private partial void LogFault(Exception exception);
}
