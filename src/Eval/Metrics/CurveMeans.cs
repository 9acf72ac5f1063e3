using System.Runtime.InteropServices;

namespace Serve.Eval.Metrics;

/// <summary>
/// Means over parts of the curves. Values are collected in the order of the arrays, as the reference does, because the order decides the
/// last bits of a sum. -1 (no ground truth) is left out; a mean of nothing is null.
/// </summary>
/// <remarks>For one thread.</remarks>
/// <param name="curves">The curves.</param>
public sealed class CurveMeans(PrecisionRecall curves)
{
    // One list serves one mean after another.
    private readonly List<double> values = [];

    /// <summary>A number of a summary.</summary>
    public double? Of(Metric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (metric.MeanOf is { } parts)
            return PairwiseSum.Mean([.. parts.Select(Of).OfType<double>()]);
        var cells = Cells(metric.AreaRange, metric.MaxDetections ?? curves.MaxDetections[^1]);
        var categories = metric.Categories ?? [.. Enumerable.Range(0, curves.CategoryIds.Length)];
        return metric.Measure is Measure.Precision ? Precision(metric.IouThreshold, categories, cells) : Recall(metric.IouThreshold, categories, cells);
    }

    /// <summary>Mean precision of one category, first area range, last limit.</summary>
    public double? CategoryPrecision(int category, double? threshold) => Precision(threshold, [category], [(0, curves.MaxDetections.Length - 1)]);

    /// <summary>Mean recall of one category over overlap thresholds, first area range, last limit.</summary>
    public double? CategoryRecall(int category) => Recall(null, [category], [(0, curves.MaxDetections.Length - 1)]);

    private double? Precision(double? threshold, IReadOnlyList<int> categories, List<(int Area, int Limit)> cells)
    {
        // An exact area under the curve takes the place of the mean over recall points.
        if (curves.Rule.Area)
            return Mean(curves.Areas, threshold, categories, cells);
        values.Clear();
        foreach (var t in Thresholds(threshold))
        {
            for (var r = 0; r < curves.RecallThresholds.Length; r++)
            {
                foreach (var k in categories)
                {
                    foreach (var (a, m) in cells)
                        Add(curves.Precision[curves.IndexOf(t, r, k, a, m)]);
                }
            }
        }
        return PairwiseSum.Mean(CollectionsMarshal.AsSpan(values));
    }

    private double? Recall(double? threshold, IReadOnlyList<int> categories, List<(int Area, int Limit)> cells)
        => Mean(curves.Recall, threshold, categories, cells);

    private double? Mean(double[] array, double? threshold, IReadOnlyList<int> categories, List<(int Area, int Limit)> cells)
    {
        values.Clear();
        foreach (var t in Thresholds(threshold))
        {
            foreach (var k in categories)
            {
                foreach (var (a, m) in cells)
                    Add(array[curves.IndexOf(t, k, a, m)]);
            }
        }
        return PairwiseSum.Mean(CollectionsMarshal.AsSpan(values));
    }

    private void Add(double value)
    {
        if (value > -1)
            values.Add(value);
    }

    // The threshold must be the very same double, as in the reference.
    private IEnumerable<int> Thresholds(double? threshold)
        => Enumerable.Range(0, curves.IouThresholds.Length).Where(t => threshold is null || curves.IouThresholds[t] == threshold);

    /// <summary>The (range, limit) pairs of a name and a limit: more than one where a name or limit is listed twice.</summary>
    private List<(int Area, int Limit)> Cells(string area, int limit)
    {
        var areas = Enumerable.Range(0, curves.AreaRanges.Length).Where(a => curves.AreaRanges[a].Name == area);
        var limits = Enumerable.Range(0, curves.MaxDetections.Length).Where(m => curves.MaxDetections[m] == limit).ToList();
        return [.. from a in areas from m in limits select (a, m)];
    }
}
