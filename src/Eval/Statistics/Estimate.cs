namespace Serve.Eval.Statistics;

/// <summary>A number and how far it may be from what other images of the same kind would give.</summary>
/// <param name="Name">Its name, such as <c>AP50</c>.</param>
/// <param name="CategoryId">The category that it is of; null for a number of the summary.</param>
/// <param name="Value">The number; null where no ground truth counts.</param>
/// <param name="StandardError">Standard deviation over resamples; null where fewer than two have the number.</param>
/// <param name="Bias">Mean over resamples minus the number; null where no resample has it.</param>
/// <param name="Interval">The interval that was asked for; null where there is no number.</param>
/// <param name="Percentile">The percentile interval; null where there is no number.</param>
/// <param name="Bca">The BCa interval; null where there is no number, or where all resamples lie on one side of it.</param>
/// <param name="Resamples">Resamples that have the number: those without any ground truth that counts do not. Null where it is withheld.</param>
public sealed record Estimate(
    string Name, long? CategoryId, double? Value, double? StandardError, double? Bias, Interval? Interval, Interval? Percentile, Interval? Bca, int? Resamples)
{
    /// <summary>Makes an estimate.</summary>
    /// <param name="measured">The number.</param>
    /// <param name="value">The number as it is reported; null for none.</param>
    /// <param name="point">The same as resampling computes it.</param>
    /// <param name="resampled">In each resample; NaN for no number.</param>
    /// <param name="deleted">Without each group of images; NaN for no number.</param>
    /// <param name="options">Level and method.</param>
    internal static Estimate Of(Measured measured, double? value, double point, ReadOnlySpan<double> resampled, ReadOnlySpan<double> deleted, StatisticsOptions options)
    {
        var values = Numbers(resampled);
        if (value is null || values.Length == 0)
            return new(measured.Name, measured.CategoryId, value, null, null, null, null, null, values.Length);
        Array.Sort(values);
        var influences = Numbers(deleted);
        var mean = values.Average();
        double? error = values.Length < 2 ? null : Math.Sqrt(values.Sum(other => (other - mean) * (other - mean)) / (values.Length - 1));
        var (chosen, percentile, bca) = BootstrapIntervals.Of(point, values, influences, options.Level, options.Method);
        return new(measured.Name, measured.CategoryId, value, error, mean - point, chosen, percentile, bca, values.Length);
    }

    private static double[] Numbers(ReadOnlySpan<double> values)
    {
        var numbers = new List<double>(values.Length);
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
                numbers.Add(value);
        }
        return [.. numbers];
    }
}
