using Microsoft.Extensions.Options;
using Quartz;
using Serve.Api.Datasets;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Jobs;
using Serve.Eval;
using Serve.Inference.Repository;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Begins an evaluation: divides it into shards and enqueues them. One whose model or dataset has gone since it was asked for fails here.</summary>
[DisallowConcurrentExecution]
internal sealed partial class PlanJob(
    EvaluationStore store, EvaluationQueries queries, EvaluationQueue queue, EvaluatedModels models, DatasetCatalogue datasets, RunningJobs jobs, Node node,
    IOptions<ServeOptions> options, ServeFolders folders, ILogger<PlanJob> log) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        using var running = jobs.Enter(context);
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        if (await queries.FindAsync(id, cancellationToken) is not { IsOver: false } asked)
            return;
        try
        {
            _ = datasets.Open(asked.Dataset, asked.DatasetVersionHash);
            if (asked.Model is not null)
                _ = models.Find(asked.Model, asked.ModelVersion);
        }
        catch (UnknownModelException fault) when (ModelPatience.Covers(context, node))
        {
            throw new JobExecutionException(fault.Message, fault);
        }
        catch (InvalidInputException fault)
        {
            LogRefused(id, fault.Message);
            await store.FailAsync(id, folders.WithoutPaths(fault.Message), cancellationToken);
            return;
        }
        if (await store.PlanAsync(id, options.Value.ShardImages, node.Device, cancellationToken) is not { } evaluation)
            return;
        if (evaluation.Reducing)
            await queue.EnqueueReductionAsync(evaluation, cancellationToken);
        else
            await queue.EnqueueShardsAsync(evaluation, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Evaluation {Id} failed before it began: {Cause}")]
    private partial void LogRefused(string id, string cause);
}
