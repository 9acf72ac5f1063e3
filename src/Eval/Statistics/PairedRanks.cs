using System.Numerics;

namespace Serve.Eval.Statistics;

/// <summary>
/// Ranks of many results by one number: 1 more than how many results are significantly better. One is better where its number is higher and the interval of the
/// difference, by the resamples that both share, leaves out 0: the interval of <see cref="PairedComparison"/>.
/// </summary>
/// <remarks>
/// Permutation tests need the detections of both results and take seconds a pair; the interval of a difference takes a pass over the resamples. The two answer the
/// same question, and may disagree at its edge. <c>dotnet run -c Release --project bench/Eval.Bench -- ranks</c> measures how long it takes.
/// </remarks>
public static class PairedRanks
{
    /// <summary>The ranks, in the order of the results. Results without a difference that can be told share one.</summary>
    /// <param name="results">The number of each, on the same images in the same resamples.</param>
    /// <param name="level">Level of the intervals, above 0 and below 1.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between results.</param>
    /// <exception cref="InvalidInputException">Results have different numbers of resamples, or the level is out of range.</exception>
    public static int[] Of(IReadOnlyList<NumberSamples> results, double level = 0.95, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(results);
        if (!(level is > 0 and < 1))
            throw new InvalidInputException($"The level is {level}; it must be above 0 and below 1, such as 0.95.");
        if (results.Select(samples => samples.Resampled.Count).Distinct().Count() > 1)
            throw new InvalidInputException($"Results with {string.Join(", ", results.Select(samples => samples.Resampled.Count).Distinct())} resamples cannot be ranked together; they need the same.");
        Row[] rows = [.. results.Select(samples => new Row(samples))];
        var ranks = new int[rows.Length];
        Parallel.For(0, rows.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, r =>
        {
            ranks[r] = 1;
            foreach (var other in rows)
                ranks[r] += other.Value > rows[r].Value && IsAboveZero(other, rows[r], level) ? 1 : 0;
        });
        return ranks;
    }

    /// <summary>Whether the lower end of the centred interval of a difference lies above 0: its quantile less the bias, the mean of the resamples minus the number.</summary>
    private static bool IsAboveZero(Row better, Row worse, double level)
    {
        if (better.HasGaps || worse.HasGaps)
            return IsAboveZeroWithGaps(better, worse, level);
        var count = better.Values.Length;
        if (count == 0)
            return false;
        var bias = better.Mean - worse.Mean - (better.Point - worse.Point);
        var (place, share) = Quantile(count, level);
        var below = CountUpTo(better.Values, worse.Values, bias);
        // The quantile lies between the values at the place and after it: mostly both are on one side of the bias.
        if (below <= place)
            return true;
        if (below > place + 1)
            return false;
        var (last, next) = (double.NegativeInfinity, double.PositiveInfinity);
        for (var i = 0; i < count; i++)
        {
            var difference = better.Values[i] - worse.Values[i];
            (last, next) = difference <= bias ? (Math.Max(last, difference), next) : (last, Math.Min(next, difference));
        }
        return place + 1 < count && last + (share * (next - last)) > bias;
    }

    private static bool IsAboveZeroWithGaps(Row better, Row worse, double level)
    {
        double[] differences = [.. better.Values.Zip(worse.Values, (first, second) => first - second).Where(difference => !double.IsNaN(difference)).Order()];
        return differences.Length > 0
            && BootstrapIntervals.Of(better.Point - worse.Point, differences, [], level, IntervalMethod.Centred).Chosen.Lower > 0;
    }

    /// <summary>The place of the lower quantile of ascending values, and how far it lies between that and the next: as <see cref="BootstrapIntervals"/> has it.</summary>
    private static (int Place, double Share) Quantile(int count, double level)
    {
        var place = Math.Clamp(((count + 1) * ((1 - level) / 2)) - 1, 0, count - 1);
        return ((int)place, place - (int)place);
    }

    private static int CountUpTo(double[] better, double[] worse, double limit)
    {
        var (counts, limits) = (Vector<long>.Zero, new Vector<double>(limit));
        var i = 0;
        for (; i <= better.Length - Vector<double>.Count; i += Vector<double>.Count)
            counts -= Vector.LessThanOrEqual(new Vector<double>(better, i) - new Vector<double>(worse, i), limits);
        var count = (int)Vector.Sum(counts);
        for (; i < better.Length; i++)
            count += better[i] - worse[i] <= limit ? 1 : 0;
        return count;
    }

    /// <summary>A result in the form in which it is compared with all others.</summary>
    private sealed class Row
    {
        public Row(NumberSamples samples)
        {
            (Value, Point, Values) = (samples.Value, samples.Point, [.. samples.Resampled]);
            HasGaps = Array.Exists(Values, double.IsNaN);
            foreach (var value in Values)
                Mean += value / Values.Length;
        }

        public double Value { get; }

        public double Point { get; }

        public double[] Values { get; }

        public bool HasGaps { get; }

        public double Mean { get; }
    }
}
