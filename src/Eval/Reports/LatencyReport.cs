namespace Serve.Eval.Reports;

/// <summary>How long the model took on single pictures, one after the other, from the encoded picture to its detections.</summary>
/// <param name="P50Ms">Median, milliseconds: the smallest time that half of the pictures did not exceed.</param>
/// <param name="P90Ms">90th percentile, milliseconds.</param>
/// <param name="Images">Pictures that were timed.</param>
/// <param name="Device">The hardware: name and cores of the processor, or <c>gpu</c>.</param>
/// <param name="Provider">The device that ran the model: <c>cpu</c>, <c>cuda:0</c>.</param>
public sealed record LatencyReport(double P50Ms, double P90Ms, int Images, string Device, string Provider)
{
    /// <summary>Percentiles by the nearest rank; nothing is interpolated.</summary>
    /// <param name="milliseconds">One time a picture, at least one, in any order.</param>
    /// <param name="device">The hardware.</param>
    /// <param name="provider">The device that ran the model.</param>
    public static LatencyReport Of(IReadOnlyCollection<double> milliseconds, string device, string provider)
    {
        ArgumentNullException.ThrowIfNull(milliseconds);
        ArgumentOutOfRangeException.ThrowIfZero(milliseconds.Count, nameof(milliseconds));
        double[] sorted = [.. milliseconds.Order()];
        return new(Rank(0.5), Rank(0.9), sorted.Length, device, provider);

        double Rank(double share) => sorted[Math.Max(0, (int)Math.Ceiling((share * sorted.Length) - 1e-9) - 1)];
    }
}
