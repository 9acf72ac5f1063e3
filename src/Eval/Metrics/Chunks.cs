using System.Collections.Concurrent;

namespace Serve.Eval.Metrics;

/// <summary>Loops in parallel over ranges. Whoever uses it writes each index's result to a place of its own, so threads do not matter.</summary>
internal static class Chunks
{
    private const int ChunksPerCore = 16;

    /// <summary>Calls the body with ranges that together cover 0 to count.</summary>
    public static void For(int count, ParallelOptions parallel, Action<int, int> body)
    {
        if (count == 0)
            return;
        // Several chunks a core: images differ much in what they hold.
        var size = Math.Max(1, count / (ChunksPerCore * Environment.ProcessorCount));
        Parallel.ForEach(Partitioner.Create(0, count, size), parallel, range => body(range.Item1, range.Item2));
    }
}
