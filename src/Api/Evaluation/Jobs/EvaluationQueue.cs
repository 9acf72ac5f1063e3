using Quartz;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Jobs;
using Serve.Api.Storage;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>
/// Puts an evaluation's jobs into the engine. A job's key is the evaluation and its step: it lives in the engine from its enqueueing to its end,
/// so enqueueing it again in between does nothing. A job that a kill or a stop cut off is gone from the engine, and the reconciler enqueues it again, in its old place.
/// </summary>
internal sealed class EvaluationQueue(JobEngine engine, RunningJobs jobs, EvaluationQueries queries, ShardWindow window)
{
    /// <summary>Job data: the evaluation's id.</summary>
    public const string EvaluationKey = "evaluation";

    /// <summary>Job data: the shard's index.</summary>
    public const string ShardKey = "shard";

    /// <summary>Times that a job is begun before its evaluation fails.</summary>
    public const int MostAttempts = 5;

    // The engine takes the job with the earliest time first, and only among those of one time looks at their priority. So the time says whose turn it is: by the
    // priority, then by the age of the evaluation. Plans come before all: they tell at once whether an evaluation can be done.
    private static readonly TimeSpan PriorityStep = TimeSpan.FromDays(400);
    private const int PlanSteps = 2 * EvaluationRequestCheck.HighestPriority + 2;

    /// <summary>When a job that failed is begun again: after 2, 4, 8 and 16 seconds.</summary>
    public static RetryPolicy Retries => RetryPolicy.Exponential(MostAttempts - 1, TimeSpan.FromSeconds(2), 2, null);

    /// <summary>Enqueues the division into shards.</summary>
    public async Task EnqueuePlanAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        try
        {
            await EnqueueAsync(evaluation, ["plan"], _ => Detail.Of<PlanJob>(evaluation.Id, "plan"), PlanSteps, evaluation.Device, ct);
        }
        catch (Exception fault) when (DatabaseFault.Of(fault) is not null)
        {
            // The evaluation is stored and so accepted: the reconciler enqueues it when the engine's database can be written again.
        }
    }

    /// <summary>Enqueues the evaluation of all detections; where the latency is asked for and not known yet, its measuring, which enqueues the evaluation in its turn.</summary>
    public Task EnqueueReductionAsync(EvaluationRow evaluation, CancellationToken ct) => evaluation.LacksLatency
        ? EnqueueAsync(evaluation, ["latency"], _ => Detail.Of<LatencyJob>(evaluation.Id, "latency"), StepsOf(evaluation), evaluation.Device, ct)
        : EnqueueAsync(evaluation, ["reduction"], _ => Detail.Of<ReductionJob>(evaluation.Id, "reduction"), StepsOf(evaluation), device: null, ct);

    /// <summary>
    /// Enqueues the detection of the first shards that are not done, as many as keep all slots busy until it is called again, as at the end of each. So the engine does not
    /// carry a hundred thousand jobs when a thousand evaluations are asked for at once.
    /// </summary>
    public async Task EnqueueShardsAsync(EvaluationRow evaluation, CancellationToken ct)
    {
        var indices = await queries.OpenShardsAsync(evaluation.Id, await window.SizeAsync(ct), ct);
        await EnqueueAsync(
            evaluation, [.. indices.Select(index => $"shard-{index}")], i => Detail.Of<ShardJob>(evaluation.Id, $"shard-{indices[i]}", indices[i]), StepsOf(evaluation), evaluation.Device, ct);
    }

    /// <summary>Takes an evaluation's jobs out of the engine and asks those that run here to stop; the reconcilers of other nodes ask theirs.</summary>
    public async Task RemoveAsync(string id, CancellationToken ct)
    {
        await InterruptAsync(id, ct);
        if (await engine.ReadyAsync(ct) is { } scheduler)
            await scheduler.DeleteJobs(GroupMatcher<JobKey>.GroupEquals(id), ct);
    }

    /// <summary>Asks an evaluation's jobs that run here to stop.</summary>
    public async Task InterruptAsync(string id, CancellationToken ct)
    {
        if (await engine.ReadyAsync(ct) is not { } scheduler)
            return;
        foreach (var job in jobs.Now.Where(job => job.Evaluation == id))
            await scheduler.Interrupt(new JobKey(job.Step, job.Evaluation), ct);
    }

    private static int StepsOf(EvaluationRow evaluation) => evaluation.Priority + EvaluationRequestCheck.HighestPriority + 1;

    private async Task EnqueueAsync(EvaluationRow evaluation, IReadOnlyList<string> steps, Func<int, IJobDetail> create, int prioritySteps, string? device, CancellationToken ct)
    {
        if (await engine.ReadyAsync(ct) is not { } scheduler)
            return;
        var id = evaluation.Id;
        var known = await scheduler.QueryJobs(new JobQuery { Group = GroupMatcher<JobKey>.GroupEquals(id), Take = PagedQuery.All }, ct);
        var names = known.Items.Select(job => job.Key.Name).ToHashSet();
        var turn = new DateTimeOffset(DateTime.SpecifyKind(evaluation.CreatedAt, DateTimeKind.Utc)) - (prioritySteps * PriorityStep);
        for (var i = 0; i < steps.Count; i++)
        {
            if (names.Contains(steps[i]))
                continue;
            var trigger = TriggerBuilder.Create().WithIdentity(steps[i], id).StartAt(turn).WithExecutionGroup(device).WithRetryPolicy(Retries)
                // A turn lies in the past: that is no firing which was missed.
                .WithSimpleSchedule(schedule => schedule.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires)).Build();
            try
            {
                await scheduler.ScheduleJob(create(i), trigger, cancellationToken: ct);
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

    /// <summary>Makes jobs. A class of its own, as one with such a constraint is not loaded without the engine's package, and the queue is there before the first job.</summary>
    private static class Detail
    {
        public static IJobDetail Of<TJob>(string evaluation, string step, int? shard = null)
            where TJob : IJob
        {
            var job = JobBuilder.Create<TJob>().WithIdentity(step, evaluation).UsingJobData(EvaluationKey, evaluation);
            return (shard is null ? job : job.UsingJobData(ShardKey, $"{shard}")).Build();
        }
    }
}
