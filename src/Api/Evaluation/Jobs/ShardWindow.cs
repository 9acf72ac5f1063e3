using Serve.Api.Jobs;
using Serve.Api.Jobs.Storage;

namespace Serve.Api.Evaluation.Jobs;

/// <summary>How many shards of an evaluation are enqueued at a time: twice as many as all living servers run at once.</summary>
internal sealed class ShardWindow(WorkerStore workers, Node node, TimeProvider time)
{
    private const int Times = 2;

    /// <summary>So long the servers that were counted are believed to be the same.</summary>
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);

    private volatile Counted? _counted;

    /// <summary>The number of shards.</summary>
    public async Task<int> SizeAsync(CancellationToken ct) => Times * Math.Max(1, node.IsShared ? await CountAsync(ct) : node.Slots);

    private async Task<int> CountAsync(CancellationToken ct)
    {
        if (_counted is { } counted && time.GetElapsedTime(counted.At) < Believed)
            return counted.Slots;
        var slots = (await workers.ListAsync(ct)).Where(worker => worker.IsAlive).Sum(worker => worker.Slots);
        _counted = new(slots, time.GetTimestamp());
        return slots;
    }

    private sealed record Counted(int Slots, long At);
}
