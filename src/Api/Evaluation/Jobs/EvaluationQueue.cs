using Quartz;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>
/// Puts an evaluation's jobs into the engine. A job's key is the evaluation and its step: it lives in the engine from its enqueueing to its end,
/// so enqueueing it again in between does nothing.
/// </summary>
internal sealed class EvaluationQueue(JobEngine engine)
{
    /// <summary>Job data: the evaluation's id.</summary>
    public const string EvaluationKey = "evaluation";

    /// <summary>Job data: the shard's index.</summary>
    public const string ShardKey = "shard";

    /// <summary>Enqueues the division into shards.</summary>
    public Task EnqueuePlanAsync(string id, CancellationToken ct) => EnqueueAsync(id, ["plan"], _ => JobBuilder.Create<PlanJob>(), ct);

    /// <summary>Enqueues the evaluation of all detections.</summary>
    public Task EnqueueReductionAsync(string id, CancellationToken ct) => EnqueueAsync(id, ["reduction"], _ => JobBuilder.Create<ReductionJob>(), ct);

    /// <summary>Enqueues the detection of shards.</summary>
    public Task EnqueueShardsAsync(string id, IReadOnlyList<int> indices, CancellationToken ct)
        => EnqueueAsync(id, [.. indices.Select(index => $"shard-{index}")], i => JobBuilder.Create<ShardJob>().UsingJobData(ShardKey, $"{indices[i]}"), ct);

    /// <summary>Takes an evaluation's jobs out of the engine and asks running ones to stop.</summary>
    public async Task RemoveAsync(string id, CancellationToken ct)
    {
        if (await engine.StartedAsync(ct) is not { } scheduler)
            return;
        var running = await scheduler.QueryFireInstances(new FireInstanceQuery { Take = PagedQuery.All }, ct);
        foreach (var job in running.Items.Where(firing => firing.JobKey?.Group == id))
            await scheduler.Interrupt(job.JobKey!, ct);
        await scheduler.DeleteJobs(GroupMatcher<JobKey>.GroupEquals(id), ct);
    }

    private async Task EnqueueAsync<TJob>(string id, IReadOnlyList<string> steps, Func<int, JobBuilder<TJob>> create, CancellationToken ct)
        where TJob : IJob
    {
        if (await engine.StartedAsync(ct) is not { } scheduler)
            return;
        // One question for all steps: an evaluation may have thousands.
        var known = await scheduler.QueryJobs(new JobQuery { Group = GroupMatcher<JobKey>.GroupEquals(id), Take = PagedQuery.All }, ct);
        var names = known.Items.Select(job => job.Key.Name).ToHashSet();
        for (var i = 0; i < steps.Count; i++)
        {
            if (names.Contains(steps[i]))
                continue;
            var job = create(i).WithIdentity(steps[i], id).RequestRecovery().UsingJobData(EvaluationKey, id).Build();
            var trigger = TriggerBuilder.Create().WithIdentity(steps[i], id).StartNow().Build();
            try
            {
                await scheduler.ScheduleJob(job, trigger, cancellationToken: ct);
            }
            catch (ObjectAlreadyExistsException)
            {
                // Another enqueued it since the question above; one is enough.
            }
            catch (SchedulerException) when (JobEngine.IsStopping(scheduler))
            {
                // The reconciler of the next start finds what is left to do.
                return;
            }
        }
    }
}
