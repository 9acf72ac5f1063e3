namespace Serve.Eval.Statistics;

/// <summary>Computes all numbers under all weightings.</summary>
internal static class Resampling
{
    /// <summary>Accumulates every weighting.</summary>
    /// <param name="plan">What is accumulated.</param>
    /// <param name="weights">The weightings.</param>
    /// <param name="threads">Most threads; -1 for one a core. No number depends on it.</param>
    /// <param name="progress">Told how many weightings are done.</param>
    /// <param name="ct">Cancels between blocks of weightings.</param>
    /// <returns>Numbers by weighting, NaN for none. [metrics][weightings]</returns>
    public static double[][] Run(ResamplePlan plan, ImageWeights weights, int threads, WorkDone progress, CancellationToken ct)
    {
        var values = new double[plan.Cells.MetricCount][];
        for (var metric = 0; metric < values.Length; metric++)
            values[metric] = new double[weights.Count];
        var blocks = (weights.Count + Lanes.Count - 1) / Lanes.Count;
        Parallel.For(
            0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, () => new BlockAccumulator(plan, weights),
            (block, _, accumulator) =>
            {
                accumulator.Accumulate(block * Lanes.Count, values);
                progress.Add(Math.Min(Lanes.Count, weights.Count - (block * Lanes.Count)));
                return accumulator;
            },
            _ => { });
        return values;
    }
}

/// <summary>Adds up what threads have done, and tells which part of all that is.</summary>
/// <param name="total">All there is to do.</param>
/// <param name="progress">Told the part that is done, 0 to 1; null for nobody.</param>
internal sealed class WorkDone(long total, IProgress<double>? progress)
{
    private long done;

    /// <summary>So much more is done; any thread may call.</summary>
    public void Add(int count) => progress?.Report((double)Interlocked.Add(ref done, count) / total);
}
