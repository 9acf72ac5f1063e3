using System.Text.Json;
using Quartz;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Reruns;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Api.Storage;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Inference.Evaluation;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Detects on one shard of an evaluation and stores what it found; the last one enqueues the reduction.</summary>
[DisallowConcurrentExecution]
internal sealed partial class ShardJob(
    EvaluationStore store, EvaluationQueries queries, EvaluationQueue queue, EvaluatedModels models, DatasetCatalogue datasets, RunningJobs jobs, JobGate gate, Node node,
    ServeFolders folders, TimeProvider time, ILogger<ShardJob> log) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var running = jobs.Enter(context);
        using var inside = await gate.EnterAsync(cancellationToken);
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        var index = int.Parse(context.MergedJobDataMap.GetString(EvaluationQueue.ShardKey)!);
        if (await queries.FindAsync(id, cancellationToken) is not { IsOver: false } evaluation
            || await queries.FindShardAsync(id, index, cancellationToken) is not { } shard)
            return;
        try
        {
            if (shard.Done ? evaluation.Reducing : await RunAsync(evaluation, shard, cancellationToken))
                await queue.EnqueueReductionAsync(evaluation, cancellationToken);
            else
                // Before this one's slot is free: an evaluation does not lose its turn.
                await queue.EnqueueShardsAsync(evaluation, cancellationToken);
        }
        catch (UnknownModelException fault) when (ModelPatience.Covers(context, node))
        {
            throw new JobExecutionException(fault.Message, fault);
        }
        catch (InvalidInputException fault)
        {
            // Trying again would find the same.
            LogRefused(id, index, fault.Message);
            await store.FailAsync(id, folders.WithoutPaths(fault.Message), CancellationToken.None);
        }
        catch (Exception fault) when (fault is not OperationCanceledException && DatabaseFault.Of(fault) is null)
        {
            await FailOnceAsync(evaluation, shard, context.RetryAttempt + 1, fault, cancellationToken);
        }
    }

    /// <returns>True when only the reduction is left.</returns>
    private async Task<bool> RunAsync(EvaluationRow evaluation, ShardRow shard, CancellationToken ct)
    {
        if (shard.Attempts >= EvaluationQueue.MostAttempts)
            throw new InvalidInputException(
                $"Detecting on images {shard.First} to {shard.First + shard.Count - 1} was begun {shard.Attempts} times and never came to an end; the server's log tells more.");
        using var lease = await models.AcquireAsync(evaluation.Model!, evaluation.ModelVersion, ct);
        var model = lease.Model;
        var key = ShardKey.Of(model, evaluation, shard);
        if (await queries.HasResultAsync(key, ct))
            return await store.CompleteShardAsync(evaluation.Id, shard.Index, key, detections: null, origin: null, ct);

        var attempt = await store.CountAttemptAsync(evaluation.Id, shard.Index, +1, ct);
        LogBegun(evaluation.Id, shard.Index, attempt);
        try
        {
            var folder = datasets.Open(evaluation.Dataset, evaluation.DatasetVersionHash);
            var protocol = Protocols.Find(evaluation.Protocol)!;
            var dataset = await datasets.ReadAsync(folder, evaluation.Split, protocol.Parts, ct);
            DatasetCheck.RequireUnchanged(evaluation, dataset);
            var table = await DatasetDetection.DetectAsync(model, folder, dataset, shard.First, shard.Count, protocol.DetectionsPerImage, protocol.Parts, progress: null, ct);
            var origin = JsonSerializer.Serialize(DetectionOrigins.Of(model), ServeJson.Default.DetectionOrigin);
            return await Outage.OutlastAsync(() => store.CompleteShardAsync(evaluation.Id, shard.Index, key, DetectionBlob.Pack(table), origin, ct), time, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped by request, not by a fault: it does not count.
            await store.CountAttemptAsync(evaluation.Id, shard.Index, -1, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Tells why a shard failed and when it is tried again, or fails the evaluation when that was the last time.</summary>
    /// <exception cref="JobExecutionException">It is tried again.</exception>
    private async Task FailOnceAsync(EvaluationRow evaluation, ShardRow shard, int failure, Exception fault, CancellationToken ct)
    {
        LogFailed(fault, evaluation.Id, shard.Index);
        var cause = folders.WithoutPaths(fault.Message);
        var attempt = Math.Max(failure, (await queries.FindShardAsync(evaluation.Id, shard.Index, ct))?.Attempts ?? 0);
        if (attempt >= EvaluationQueue.MostAttempts)
        {
            await store.FailAsync(
                evaluation.Id, $"Detecting on images {shard.First} to {shard.First + shard.Count - 1} failed {attempt} times, at last with: {cause}", CancellationToken.None);
            return;
        }
        await store.TellRetryAsync(evaluation.Id, shard.Index, cause, attempt, EvaluationQueue.Retries.DelayFor(failure), ct);
        throw new JobExecutionException($"Shard {shard.Index} of evaluation {evaluation.Id} failed, and is tried again.", fault);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Evaluation {Id}: detecting on shard {Index}, attempt {Attempt}.")]
    private partial void LogBegun(string id, int index, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Evaluation {Id} failed at shard {Index}: {Cause}")]
    private partial void LogRefused(string id, int index, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Evaluation {Id}: shard {Index} failed.")]
    private partial void LogFailed(Exception exception, string id, int index);
}
