namespace Serve.Cli.Bench;

/// <summary>Order statistics of how long requests took.</summary>
/// <param name="Mean">Mean, milliseconds, as all here.</param>
/// <param name="P50">Median.</param>
/// <param name="P90">90th percentile.</param>
/// <param name="P95">95th percentile.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="P999">99.9th percentile.</param>
/// <param name="Max">Slowest.</param>
internal sealed record Latencies(double Mean, double P50, double P90, double P95, double P99, double P999, double Max)
{
    /// <summary>Percentiles by the nearest rank: the smallest value that at least that share of all values does not exceed. Nothing is interpolated.</summary>
    /// <param name="milliseconds">One value a request, in any order; sorted in place.</param>
    /// <returns>Null of no values.</returns>
    public static Latencies? Of(List<double> milliseconds)
    {
        if (milliseconds.Count == 0)
            return null;
        milliseconds.Sort();
        return new(milliseconds.Average(), Rank(0.5), Rank(0.9), Rank(0.95), Rank(0.99), Rank(0.999), milliseconds[^1]);

        double Rank(double share) => milliseconds[Math.Max(0, (int)Math.Ceiling(share * milliseconds.Count - 1e-9) - 1)];
    }
}
