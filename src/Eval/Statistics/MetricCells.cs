using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>A part of the curves that numbers are means of: one measure in one area range, at one limit and one overlap threshold, in each category.</summary>
internal readonly record struct Cell(Measure Measure, int Area, int Limit, int Threshold);

/// <summary>
/// Which cells each number is the mean of, the other way round: which numbers a cell of a category goes into. Numbers that are means of numbers are taken apart
/// into leaves, each the mean of cells.
/// </summary>
internal sealed class MetricCells
{
    private static readonly int[] NoLeaves = [];

    private readonly IReadOnlyList<Metric> metrics;
    private readonly int[] firstLeaves;
    private readonly List<Metric> leaves = [];
    private readonly (int Areas, int Limits, int Thresholds) sizes;
    private readonly int[][] leavesOf;

    /// <summary>Takes numbers apart.</summary>
    /// <param name="curves">The curves that the numbers are read from.</param>
    /// <param name="metrics">The numbers.</param>
    public MetricCells(PrecisionRecall curves, IReadOnlyList<Metric> metrics)
    {
        this.metrics = metrics;
        firstLeaves = new int[metrics.Count];
        for (var i = 0; i < metrics.Count; i++)
        {
            firstLeaves[i] = leaves.Count;
            Collect(metrics[i]);
        }
        sizes = (curves.AreaRanges.Length, curves.MaxDetections.Length, curves.IouThresholds.Length);
        leavesOf = new int[2 * sizes.Areas * sizes.Limits * sizes.Thresholds][];
        foreach (var measure in (Measure[])[Measure.Precision, Measure.Recall])
        {
            for (var a = 0; a < sizes.Areas; a++)
            {
                for (var m = 0; m < sizes.Limits; m++)
                {
                    for (var t = 0; t < sizes.Thresholds; t++)
                        leavesOf[IndexOf(new(measure, a, m, t))] = [.. Enumerable.Range(0, leaves.Count).Where(leaf => Reads(leaves[leaf], new(measure, a, m, t), curves))];
                }
            }
        }
    }

    /// <summary>Number of numbers.</summary>
    public int MetricCount => metrics.Count;

    /// <summary>Number of leaves.</summary>
    public int LeafCount => leaves.Count;

    /// <summary>The leaves that a cell of a category goes into; one occurs twice where it lists the category twice.</summary>
    public int[] LeavesOf(Cell cell, int category)
    {
        var all = leavesOf[IndexOf(cell)];
        if (all.Length == 0 || Array.TrueForAll(all, leaf => leaves[leaf].Categories is null))
            return all;
        var own = new List<int>();
        foreach (var leaf in all)
        {
            foreach (var listed in leaves[leaf].Categories ?? [category])
            {
                if (listed == category)
                    own.Add(leaf);
            }
        }
        return own.Count == 0 ? NoLeaves : [.. own];
    }

    /// <summary>A number from the values of all leaves; NaN for no number, in and out.</summary>
    public double Value(int metric, ReadOnlySpan<double> leafValues)
    {
        var at = firstLeaves[metric];
        return Value(metrics[metric], leafValues, ref at);
    }

    private static double Value(Metric metric, ReadOnlySpan<double> leafValues, ref int at)
    {
        if (metric.MeanOf is not { } parts)
            return leafValues[at++];
        var (sum, count) = (0.0, 0);
        foreach (var part in parts)
        {
            var value = Value(part, leafValues, ref at);
            if (!double.IsNaN(value))
                (sum, count) = (sum + value, count + 1);
        }
        return count == 0 ? double.NaN : sum / count;
    }

    // The same rules as where the numbers of a summary are computed: names, limits and thresholds must be the very same.
    private static bool Reads(Metric leaf, Cell cell, PrecisionRecall curves)
        => leaf.Measure == cell.Measure
            && curves.AreaRanges[cell.Area].Name == leaf.AreaRange
            && curves.MaxDetections[cell.Limit] == (leaf.MaxDetections ?? curves.MaxDetections[^1])
            && (leaf.IouThreshold is null || curves.IouThresholds[cell.Threshold] == leaf.IouThreshold);

    private void Collect(Metric metric)
    {
        if (metric.MeanOf is not { } parts)
        {
            leaves.Add(metric);
            return;
        }
        foreach (var part in parts)
            Collect(part);
    }

    private int IndexOf(Cell cell) => (((((int)cell.Measure * sizes.Areas) + cell.Area) * sizes.Limits) + cell.Limit) * sizes.Thresholds + cell.Threshold;
}
