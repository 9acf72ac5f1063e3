using System.Runtime.ExceptionServices;

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
    /// <exception cref="InvalidInputException">The body's.</exception>
    public static void For(int count, int threads, Action<int, int> body, CancellationToken ct)
    {
        var chunks = Of(count, threads);
        ForEach(chunks.Count, threads, i => body(chunks[i].Start.Value, chunks[i].End.Value), ct);
    }

    /// <summary>Calls the body with each number from 0 to count.</summary>
    /// <exception cref="InvalidInputException">The body's.</exception>
    public static void ForEach(int count, int threads, Action<int> body, CancellationToken ct) => ForEach(count, threads, () => body, (i, call) => call(i), ct);

    /// <summary>Calls the body with each number from 0 to count, and with what its thread has of its own: buffers that serve one call after another.</summary>
    /// <param name="count">Number of calls.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="own">Makes what a thread has.</param>
    /// <param name="body">What is called.</param>
    /// <param name="ct">Cancels between calls.</param>
    /// <exception cref="InvalidInputException">The body's: the first that it threw, as it threw it.</exception>
    public static void ForEach<T>(int count, int threads, Func<T> own, Action<int, T> body, CancellationToken ct)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        try
        {
            Parallel.For(
                0, count, parallel, own,
                (i, _, mine) =>
                {
                    body(i, mine);
                    return mine;
                },
                _ => { });
        }
        catch (AggregateException faults) when (faults.InnerExceptions.OfType<InvalidInputException>().FirstOrDefault() is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }
}
