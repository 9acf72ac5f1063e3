using Quartz;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>
/// Puts an evaluation's jobs into the engine. A job's key is the evaluation and its step: it lives in the engine from its enqueueing to its end,
/// so enqueueing it again in between does nothing.
/// </summary>
internal sealed class EvaluationQueue(ISchedulerFactory schedulers)
{
    /// <summary>Job data: the evaluation's id.</summary>
    public const string EvaluationKey = "evaluation";

    /// <summary>Job data: the shard's index.</summary>
    public const string ShardKey = "shard";

    /// <summary>Enqueues the division into shards.</summary>
    public Task EnqueuePlanAsync(string id, CancellationToken ct) => EnqueueAsync<PlanJob>(id, "plan", null, ct);

    /// <summary>Enqueues the detection of one shard.</summary>
    public Task EnqueueShardAsync(string id, int index, CancellationToken ct) => EnqueueAsync<ShardJob>(id, $"shard-{index}", index, ct);

    /// <summary>Enqueues the evaluation of all detections.</summary>
    public Task EnqueueReductionAsync(string id, CancellationToken ct) => EnqueueAsync<ReductionJob>(id, "reduction", null, ct);

    /// <summary>Takes an evaluation's jobs out of the engine and asks running ones to stop.</summary>
    public async Task RemoveAsync(string id, CancellationToken ct)
    {
        var scheduler = await schedulers.GetScheduler(ct);
        var running = await scheduler.QueryFireInstances(new FireInstanceQuery(), ct);
        foreach (var job in running.Items.Where(firing => firing.JobKey?.Group == id))
            await scheduler.Interrupt(job.JobKey!, ct);
        await scheduler.DeleteJobs(GroupMatcher<JobKey>.GroupEquals(id), ct);
    }

    private async Task EnqueueAsync<TJob>(string id, string step, int? shard, CancellationToken ct) where TJob : IJob
    {
        var scheduler = await schedulers.GetScheduler(ct);
        var key = new JobKey(step, id);
        if (await scheduler.Exists(key, ct))
            return;
        var job = JobBuilder.Create<TJob>().WithIdentity(key).RequestRecovery().UsingJobData(EvaluationKey, id);
        if (shard is { } index)
            job = job.UsingJobData(ShardKey, $"{index}");
        var trigger = TriggerBuilder.Create().WithIdentity(step, id).StartNow().Build();
        try
        {
            await scheduler.ScheduleJob(job.Build(), trigger, cancellationToken: ct);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another enqueued it since the question above; one is enough.
        }
    }
}
