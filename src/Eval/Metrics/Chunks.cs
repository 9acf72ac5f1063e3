namespace Serve.Eval.Metrics;

/// <summary>Cuts work into ranges for threads. Whoever uses it writes each range's result to a place of its own, so threads do not matter.</summary>
internal static class Chunks
{
    // Several chunks a thread: images differ much in what they hold.
    private const int ChunksPerThread = 16;

    /// <summary>Ranges that together cover 0 to count, in order.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    public static IReadOnlyList<Range> Of(int count, int threads)
    {
        var wanted = ChunksPerThread * (threads < 0 ? Environment.ProcessorCount : threads);
        var size = Math.Max(1, (count + wanted - 1) / wanted);
        var chunks = new Range[(count + size - 1) / size];
        for (var i = 0; i < chunks.Length; i++)
            chunks[i] = new(i * size, Math.Min(count, (i + 1) * size));
        return chunks;
    }

    /// <summary>Calls the body with ranges that together cover 0 to count.</summary>
    public static void For(int count, int threads, Action<int, int> body, CancellationToken ct)
    {
        var chunks = Of(count, threads);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(0, chunks.Count, parallel, i => body(chunks[i].Start.Value, chunks[i].End.Value));
    }
}
