using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>
/// Means over parts of the curves. Values are collected in the order of the arrays, as the reference does, because the order decides the
/// last bits of a sum. -1 (no ground truth) is left out; a mean of nothing is null.
/// </summary>
internal sealed class CurveMeans(PrecisionRecall curves)
{
    /// <summary>Mean precision over recall points and categories.</summary>
    /// <param name="threshold">Overlap threshold; null for all.</param>
    /// <param name="area">Name of the area range.</param>
    /// <param name="limit">Detection limit.</param>
    public double? Precision(double? threshold, string area, int limit)
    {
        var cells = Cells(area, limit);
        var values = new List<double>();
        foreach (var t in Thresholds(threshold))
        {
            for (var r = 0; r < curves.RecallThresholds.Length; r++)
            {
                for (var k = 0; k < curves.CategoryIds.Length; k++)
                {
                    foreach (var (a, m) in cells)
                        values.Add(curves.Precision[curves.IndexOf(t, r, k, a, m)]);
                }
            }
        }
        return Mean(values);
    }

    /// <summary>Mean recall over overlap thresholds and categories.</summary>
    /// <param name="area">Name of the area range.</param>
    /// <param name="limit">Detection limit.</param>
    public double? Recall(string area, int limit)
    {
        var cells = Cells(area, limit);
        var values = new List<double>();
        for (var t = 0; t < curves.IouThresholds.Length; t++)
        {
            for (var k = 0; k < curves.CategoryIds.Length; k++)
            {
                foreach (var (a, m) in cells)
                    values.Add(curves.Recall[curves.IndexOf(t, k, a, m)]);
            }
        }
        return Mean(values);
    }

    /// <summary>Mean precision of one category over recall points, first area range, last limit.</summary>
    public double? CategoryPrecision(int category, double? threshold)
    {
        var values = new List<double>();
        foreach (var t in Thresholds(threshold))
        {
            for (var r = 0; r < curves.RecallThresholds.Length; r++)
                values.Add(curves.Precision[curves.IndexOf(t, r, category, 0, curves.MaxDetections.Length - 1)]);
        }
        return Mean(values);
    }

    /// <summary>Mean recall of one category over overlap thresholds, first area range, last limit.</summary>
    public double? CategoryRecall(int category)
    {
        var values = new List<double>();
        for (var t = 0; t < curves.IouThresholds.Length; t++)
            values.Add(curves.Recall[curves.IndexOf(t, category, 0, curves.MaxDetections.Length - 1)]);
        return Mean(values);
    }

    private static double? Mean(List<double> values)
    {
        values.RemoveAll(value => value <= -1);
        return PairwiseSum.Mean(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(values));
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
