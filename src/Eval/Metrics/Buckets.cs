using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>Rows by rising key; rows with equal keys in the order in which they came, or by falling score where a limit cut them.</summary>
internal sealed class Buckets
{
    // Where each key's rows begin, and at the end their number. [keys + 1]
    private readonly int[] starts;

    /// <summary>Sorts rows; those with a negative key are left out.</summary>
    /// <param name="rows">Rows in the order that counts as file order.</param>
    /// <param name="keys">Key of each row, indexed by row.</param>
    /// <param name="count">Number of keys.</param>
    public Buckets(ReadOnlySpan<int> rows, int[] keys, int count)
    {
        Rows = Grouping.StableSort(rows, keys, count);
        starts = new int[count + 1];
        foreach (var row in Rows)
            starts[keys[row] + 1]++;
        for (var key = 0; key < count; key++)
            starts[key + 1] += starts[key];
    }

    private Buckets(int[] rows, int[] starts) => (Rows, this.starts) = (rows, starts);

    /// <summary>All rows.</summary>
    public int[] Rows { get; }

    /// <summary>Number of keys.</summary>
    public int Count => starts.Length - 1;

    /// <summary>The rows of a key.</summary>
    public ReadOnlySpan<int> this[int key] => Rows.AsSpan(starts[key], starts[key + 1] - starts[key]);

    /// <summary>Of each key, the detections with the highest scores; of equal scores the earlier. Keys within the limit stay as they are.</summary>
    public Buckets Best(int limit, DetectionTable detections, int threads, CancellationToken ct)
    {
        var ends = new int[starts.Length];
        for (var key = 0; key < Count; key++)
            ends[key + 1] = ends[key] + Math.Min(limit, starts[key + 1] - starts[key]);
        if (ends[^1] == Rows.Length)
            return this;
        var kept = new int[ends[^1]];
        Chunks.For(Count, threads, (from, to) =>
        {
            var order = new ScoreOrder();
            var scores = detections.Scores;
            for (var key = from; key < to; key++)
            {
                var all = this[key];
                var best = kept.AsSpan(ends[key], ends[key + 1] - ends[key]);
                if (all.Length == best.Length)
                    all.CopyTo(best);
                else
                    order.Sort(all, scores, best);
            }
        }, ct);
        return new(kept, ends);
    }
}
