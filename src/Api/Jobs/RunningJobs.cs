using System.Collections.Concurrent;
using Quartz;

namespace Serve.Api.Jobs;

/// <summary>A job that runs: what it is for and which step of it.</summary>
/// <param name="Evaluation">Id of the evaluation.</param>
/// <param name="Step"><c>plan</c>, <c>shard-3</c>, <c>latency</c> or <c>reduction</c>.</param>
public sealed record RunningJob(string Evaluation, string Step);

/// <summary>The jobs that this process runs at this moment.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<string, RunningJob> _running = new();

    /// <summary>Those that run now, by evaluation and step.</summary>
    public IReadOnlyList<RunningJob> Now => [.. _running.Values.OrderBy(job => job.Evaluation, StringComparer.Ordinal).ThenBy(job => job.Step, StringComparer.Ordinal)];

    /// <summary>Counts a job until what comes back is disposed.</summary>
    public IDisposable Enter(IJobExecutionContext context)
    {
        var (firing, key) = (context.FireInstanceId, context.JobDetail.Key);
        _running[firing] = new RunningJob(key.Group, key.Name);
        return new Leaving(this, firing);
    }

    private sealed class Leaving(RunningJobs owner, string firing) : IDisposable
    {
        public void Dispose() => owner._running.TryRemove(firing, out _);
    }
}
