using Quartz;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Eval;
using Serve.Inference.Evaluation;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Detects on one shard of an evaluation and stores what it found; the last one enqueues the reduction.</summary>
[DisallowConcurrentExecution]
internal sealed partial class ShardJob(
    EvaluationStore store, EvaluationQueries queries, EvaluationQueue queue, ModelRepository models, DatasetCatalogue datasets, ServeFolders folders,
    ILogger<ShardJob> log) : IJob
{
    /// <summary>A shard that was begun so often without an end brings the process down; the evaluation fails instead.</summary>
    internal const int MostAttempts = 5;

    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        var index = int.Parse(context.MergedJobDataMap.GetString(EvaluationQueue.ShardKey)!);
        try
        {
            if (await queries.FindAsync(id, cancellationToken) is { IsOver: false } evaluation
                && await queries.FindShardAsync(id, index, cancellationToken) is { Done: false } shard
                && await RunAsync(evaluation, shard, cancellationToken))
                await queue.EnqueueReductionAsync(id, cancellationToken);
        }
        catch (InvalidInputException fault)
        {
            // Trying again would find the same.
            LogRefused(id, index, fault.Message);
            await store.FailAsync(id, folders.WithoutPaths(fault.Message), CancellationToken.None);
        }
    }

    /// <returns>True when only the reduction is left.</returns>
    private async Task<bool> RunAsync(EvaluationRow evaluation, ShardRow shard, CancellationToken ct)
    {
        if (shard.Attempts >= MostAttempts)
            throw new InvalidInputException(
                $"Detecting on images {shard.First} to {shard.First + shard.Count - 1} was begun {MostAttempts} times and never came to an end; the server's log tells more.");
        using var lease = await models.AcquireAsync(evaluation.Model, evaluation.ModelVersion, ct);
        var model = lease.Model;
        var key = ShardKey.Of(model, evaluation, shard);
        if (await queries.HasResultAsync(key, ct))
            return await store.CompleteShardAsync(evaluation.Id, shard.Index, key, detections: null, ct);

        var attempt = await store.CountAttemptAsync(evaluation.Id, shard.Index, +1, ct);
        LogBegun(evaluation.Id, shard.Index, attempt);
        try
        {
            var folder = datasets.Open(evaluation.Dataset);
            var protocol = Protocols.Find(evaluation.Protocol)!;
            var dataset = await datasets.ReadAsync(folder, evaluation.Split, protocol.Parts, ct);
            DatasetCheck.RequireUnchanged(evaluation, dataset);
            var table = await DatasetDetection.DetectAsync(model, folder, dataset, shard.First, shard.Count, protocol.DetectionsPerImage, protocol.Parts, progress: null, ct);
            return await store.CompleteShardAsync(evaluation.Id, shard.Index, key, DetectionBlob.Pack(table), ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Stopped by request, not by a fault: it does not count.
            await store.CountAttemptAsync(evaluation.Id, shard.Index, -1, CancellationToken.None);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Evaluation {Id}: detecting on shard {Index}, attempt {Attempt}.")]
    private partial void LogBegun(string id, int index, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Evaluation {Id} failed at shard {Index}: {Cause}")]
    private partial void LogRefused(string id, int index, string cause);
}
