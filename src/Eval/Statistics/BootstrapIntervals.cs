namespace Serve.Eval.Statistics;

/// <summary>Intervals from a number's values in resamples.</summary>
internal static class BootstrapIntervals
{
    /// <summary>The interval of the method asked, and those by percentiles and BCa, which are reported in any case.</summary>
    /// <param name="value">The number of the data as they are.</param>
    /// <param name="resampled">Its values in the resamples, ascending; at least one.</param>
    /// <param name="deleted">Its values where one part of the data after another is left out.</param>
    /// <param name="level">How often the interval is to cover the true number.</param>
    /// <param name="method">The kind of interval.</param>
    public static (Interval Chosen, Interval Percentile, Interval? Bca) Of(
        double value, ReadOnlySpan<double> resampled, ReadOnlySpan<double> deleted, double level, IntervalMethod method)
    {
        var (percentile, bca) = (Percentile(resampled, level), Bca(value, resampled, deleted, level));
        var chosen = method switch
        {
            IntervalMethod.Centred => Centred(value, resampled, percentile),
            IntervalMethod.Bca => bca ?? percentile,
            _ => percentile,
        };
        return (chosen, percentile, bca);
    }

    /// <summary>The percentile interval less the bias, the mean of the resamples minus the number.</summary>
    private static Interval Centred(double value, ReadOnlySpan<double> resampled, Interval percentile)
    {
        var mean = 0.0;
        foreach (var other in resampled)
            mean += other / resampled.Length;
        return new(percentile.Lower - (mean - value), percentile.Upper - (mean - value), percentile.Level, IntervalMethod.Centred);
    }

    /// <summary>From the (1 - level) / 2 quantile to that of (1 + level) / 2.</summary>
    public static Interval Percentile(ReadOnlySpan<double> resampled, double level)
        => new(Quantile(resampled, (1 - level) / 2), Quantile(resampled, (1 + level) / 2), level, IntervalMethod.Percentile);

    /// <summary>The bias-corrected and accelerated interval; null where all resamples lie on one side of the number, so that no bias can be told.</summary>
    /// <remarks>Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), formulas 2.3 and 6.6.</remarks>
    public static Interval? Bca(double value, ReadOnlySpan<double> resampled, ReadOnlySpan<double> deleted, double level)
    {
        var bias = NormalDistribution.Quantile(ShareBelow(value, resampled));
        if (!double.IsFinite(bias))
            return null;
        var acceleration = Acceleration(deleted);
        double End(double probability)
        {
            var z = bias + NormalDistribution.Quantile(probability);
            var stretch = 1 - (acceleration * z);
            // Past the pole the correction has no meaning; the end is as far out as it goes.
            return stretch <= 0 ? (z > 0 ? 1 : 0) : NormalDistribution.Cumulative(bias + (z / stretch));
        }

        return new(Quantile(resampled, End((1 - level) / 2)), Quantile(resampled, End((1 + level) / 2)), level, IntervalMethod.Bca);
    }

    /// <summary>
    /// How fast the spread grows with the number: a sixth of the skewness of what each part of the data adds. Groups of images estimate the same as single
    /// images, with an error of about 0.65 / groups, because contributions of images add up.
    /// </summary>
    public static double Acceleration(ReadOnlySpan<double> deleted)
    {
        if (deleted.IsEmpty)
            return 0;
        var mean = 0.0;
        foreach (var value in deleted)
            mean += value / deleted.Length;
        var (squares, cubes) = (0.0, 0.0);
        foreach (var value in deleted)
        {
            var influence = mean - value;
            squares += influence * influence;
            cubes += influence * influence * influence;
        }
        var scale = 6 * squares * Math.Sqrt(squares);
        return scale > 0 ? cubes / scale : 0;
    }

    /// <summary>Share of the values below a number, equal ones counted half.</summary>
    private static double ShareBelow(double value, ReadOnlySpan<double> resampled)
    {
        var twice = 0L;
        foreach (var other in resampled)
            twice += other < value ? 2 : other == value ? 1 : 0;
        return twice / (2.0 * resampled.Length);
    }

    /// <summary>The quantile of ascending values at place (n + 1) p of 1 to n, between two values in proportion; the ends beyond.</summary>
    private static double Quantile(ReadOnlySpan<double> ascending, double p)
    {
        var place = Math.Clamp(((ascending.Length + 1) * p) - 1, 0, ascending.Length - 1);
        var below = (int)place;
        return below + 1 == ascending.Length ? ascending[below] : ascending[below] + ((place - below) * (ascending[below + 1] - ascending[below]));
    }
}
