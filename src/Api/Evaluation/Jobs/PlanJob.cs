using Microsoft.Extensions.Options;
using Quartz;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>Begins an evaluation: divides it into shards and enqueues them.</summary>
[DisallowConcurrentExecution]
internal sealed class PlanJob(EvaluationStore store, EvaluationQueries queries, EvaluationQueue queue, IOptions<ServeOptions> options) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var id = context.MergedJobDataMap.GetString(EvaluationQueue.EvaluationKey)!;
        if (await store.PlanAsync(id, options.Value.ShardImages, cancellationToken) is not { } evaluation)
            return;
        if (evaluation.Reducing)
            await queue.EnqueueReductionAsync(id, cancellationToken);
        else
            await queue.EnqueueShardsAsync(id, await queries.OpenShardsAsync(id, cancellationToken), cancellationToken);
    }
}
