using System.Diagnostics;
using System.Globalization;
using Serve.Eval.Statistics;

namespace Serve.Eval.Bench.Runs;

/// <summary>What ranks of many results cost: every pair of them is compared by their resamples.</summary>
internal static class Ranks
{
    private const int Resamples = 1000;

    /// <summary>Writes a table: a row for each number of results, the median of some runs.</summary>
    public static void Write(TextWriter output, IReadOnlyList<int> counts, int runs)
    {
        output.WriteLine("| results | threads | ranks |");
        output.WriteLine("|---|---|---|");
        foreach (var count in counts)
        {
            NumberSamples[] results = [.. Enumerable.Range(0, count).Select(Made)];
            for (var threads = 1; threads <= Environment.ProcessorCount; threads *= 2)
            {
                PairedRanks.Of(results, threads: threads);
                double[] seconds = [.. Enumerable.Range(0, runs).Select(_ => Seconds(results, threads)).Order()];
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {count} | {threads} | {seconds[runs / 2]:0.000} s |"));
            }
        }
    }

    private static double Seconds(NumberSamples[] results, int threads)
    {
        var clock = Stopwatch.StartNew();
        PairedRanks.Of(results, threads: threads);
        return clock.Elapsed.TotalSeconds;
    }

    private static NumberSamples Made(int seed)
    {
        var random = new SplitMix64(1, seed);
        var value = random.NextDouble(0.3, 0.5);
        return new(value, value, [.. Enumerable.Range(0, Resamples).Select(_ => value + random.NextDouble(-0.02, 0.02))]);
    }
}
