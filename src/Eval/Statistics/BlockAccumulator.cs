using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>Accumulates a block of weightings together, each in a lane of vectors; one block after another, on one thread.</summary>
/// <remarks>
/// <para>
/// A resample in which an image occurs w times is the dataset with w copies of it: each of its detections and ground truths counts w times, and nothing is
/// matched again. Of a run of copies the last has the highest precision, so a run is one step of the curve.
/// </para>
/// <para>
/// As in <see cref="CategoryCurves"/>, only true positives are steps, with the number of others counted ahead. A step whose image does not occur changes
/// nothing: no recall point lies on it, and its precision is not above that of the step before.
/// </para>
/// </remarks>
internal sealed class BlockAccumulator
{
    private readonly ResamplePlan plan;
    private readonly ImageWeights weights;
    private readonly WeightRows rows;

    // Sum and number of the values of each leaf. [L]
    private readonly Vector512<double>[] lowerSums;
    private readonly Vector512<double>[] upperSums;
    private readonly Vector512<int>[] counts;
    private readonly double[] leafValues;

    // At each place of a curve: detections counted ahead down to it. [U]
    private readonly Vector512<int>[] counted;

    // At each step of a curve: true positives, detections that count, and recall points reached. [P]
    private readonly Vector512<int>[] found;
    private readonly Vector512<int>[] seen;
    private readonly Vector512<int>[] reached;

    // Recall points reached with a number of true positives, a table for each lane.
    private ushort[] tables = [];
    private int tableLength;
    private Vector512<double> lowerAtZero;
    private Vector512<double> upperAtZero;

    /// <summary>An accumulator of blocks of these weightings.</summary>
    public BlockAccumulator(ResamplePlan plan, ImageWeights weights)
    {
        (this.plan, this.weights, rows) = (plan, weights, new(weights, plan.Copies));
        var leaves = plan.Cells.LeafCount;
        (lowerSums, upperSums, counts, leafValues) = (new Vector512<double>[leaves], new Vector512<double>[leaves], new Vector512<int>[leaves], new double[leaves]);
        var curves = plan.Areas.SelectMany(area => area.Curves).ToArray();
        counted = new Vector512<int>[curves.Select(curve => curve.Ends.Length).DefaultIfEmpty(0).Max()];
        var steps = curves.SelectMany(curve => curve.Thresholds).Select(threshold => threshold.Steps.Length).DefaultIfEmpty(0).Max();
        (found, seen) = (new Vector512<int>[steps], new Vector512<int>[steps]);
        // The area under a curve has a point at each true positive.
        reached = plan.Rule.Area ? found : new Vector512<int>[steps];
    }

    /// <summary>Writes every number of a block's weightings; NaN for no number.</summary>
    /// <param name="first">The block's first weighting.</param>
    /// <param name="values">Numbers by weighting. [metrics][weightings]</param>
    public void Accumulate(int first, double[][] values)
    {
        rows.Fill(first);
        lowerSums.AsSpan().Clear();
        upperSums.AsSpan().Clear();
        counts.AsSpan().Clear();
        foreach (var area in plan.Areas)
            Add(area);
        for (var lane = 0; lane < Math.Min(Lanes.Count, weights.Count - first); lane++)
        {
            for (var leaf = 0; leaf < leafValues.Length; leaf++)
                leafValues[leaf] = (lane < Lanes.Count / 2 ? lowerSums[leaf][lane] : upperSums[leaf][lane - (Lanes.Count / 2)]) / counts[leaf][lane];
            for (var metric = 0; metric < values.Length; metric++)
                values[metric][first + lane] = plan.Cells.Value(metric, leafValues);
        }
    }

    private void Add(AreaPlan area)
    {
        var groundTruths = Sum(area.GroundTruths);
        if (groundTruths == Vector512<int>.Zero)
            return;
        foreach (var recall in area.Recalls)
        {
            var total = Vector512<int>.Zero;
            for (var m = 0; m < recall.Found.Length; m++)
            {
                total += Sum(recall.Found[m]);
                if (recall.Leaves[m].Length > 0)
                    Add(recall.Leaves[m], total, groundTruths);
            }
        }
        if (area.Curves.Length == 0)
            return;
        if (!plan.Rule.Area)
            FillTables(groundTruths);
        foreach (var curve in area.Curves)
        {
            CountAhead(curve);
            foreach (var threshold in curve.Thresholds)
                Add(threshold, groundTruths);
        }
    }

    private void Add(int[] leaves, Vector512<int> total, Vector512<int> groundTruths)
    {
        var (lower, upper) = Lanes.ToDouble(total);
        var (lowerAll, upperAll) = Lanes.ToDouble(groundTruths);
        Add(leaves, lower / lowerAll, upper / upperAll, groundTruths);
    }

    private void Add(int[] leaves, Vector512<double> lower, Vector512<double> upper, Vector512<int> groundTruths)
    {
        // Without ground truth there is no value.
        var isValue = Vector512.GreaterThan(groundTruths, Vector512<int>.Zero);
        var (lowerIs, upperIs) = Vector512.Widen(isValue);
        lower &= lowerIs.AsDouble();
        upper &= upperIs.AsDouble();
        foreach (var leaf in leaves)
        {
            lowerSums[leaf] += lower;
            upperSums[leaf] += upper;
            counts[leaf] -= isValue;
        }
    }

    private Vector512<int> Sum(int[] of)
    {
        ref var first = ref rows.First;
        var sum = Vector512<int>.Zero;
        foreach (var row in of)
            sum += Lanes.Row(ref first, row);
        return sum;
    }

    private void FillTables(Vector512<int> groundTruths)
    {
        tableLength = 1;
        for (var lane = 0; lane < Lanes.Count; lane++)
            tableLength = Math.Max(tableLength, groundTruths[lane] + 1);
        if (tables.Length < tableLength * Lanes.Count)
            tables = new ushort[2 * tableLength * Lanes.Count];
        (lowerAtZero, upperAtZero) = (Vector512.Create((double)plan.RecallPoints.AtZero), Vector512.Create((double)plan.RecallPoints.AtZero));
        if (!plan.RecallPoints.IsAscending)
            return;
        for (var lane = 0; lane < Lanes.Count; lane++)
            plan.RecallPoints.Fill(tables.AsSpan(lane * tableLength, groundTruths[lane] + 1));
    }

    /// <summary>Where recall points are in another order than the ascending one, tables depend on how many are found in all.</summary>
    private void FillTables(Vector512<int> groundTruths, Vector512<int> total)
    {
        for (var lane = 0; lane < Lanes.Count; lane++)
        {
            double atZero = plan.RecallPoints.FillUntilMissed(tables.AsSpan(lane * tableLength, groundTruths[lane] + 1), total[lane]);
            if (lane < Lanes.Count / 2)
                lowerAtZero = lowerAtZero.WithElement(lane, atZero);
            else
                upperAtZero = upperAtZero.WithElement(lane - (Lanes.Count / 2), atZero);
        }
    }

    /// <summary>Goes down the sorted list once.</summary>
    private void CountAhead(CurvePlan curve)
    {
        ref var first = ref rows.First;
        var sum = Vector512<int>.Zero;
        var at = 0;
        for (var place = 0; place < curve.Ends.Length; place++)
        {
            foreach (var row in curve.Counted.AsSpan(at, curve.Ends[place] - at))
                sum += Lanes.Row(ref first, row);
            at = curve.Ends[place];
            counted[place] = sum;
        }
    }

    private void Add(ThresholdPlan threshold, Vector512<int> groundTruths)
    {
        var count = Walk(threshold.Steps);
        if (!plan.Rule.Area)
        {
            if (!plan.RecallPoints.IsAscending)
                FillTables(groundTruths, count == 0 ? Vector512<int>.Zero : found[count - 1]);
            LookUp(count, groundTruths);
        }
        var (lower, upper) = Integrate(count);
        var (lowerPoints, upperPoints) = plan.Rule.Area
            ? Lanes.ToDouble(groundTruths)
            : (Vector512.Create((double)plan.RecallPoints.Count), Vector512.Create((double)plan.RecallPoints.Count));
        Add(threshold.Leaves, lower / lowerPoints, upper / upperPoints, groundTruths);
    }

    /// <summary>Down the curve: notes true positives and detections that count at each of its steps, and answers their number.</summary>
    private int Walk(CurveStep[] steps)
    {
        ref var first = ref rows.First;
        var (total, notAhead, count) = (Vector512<int>.Zero, Vector512<int>.Zero, 0);
        foreach (var step in steps)
        {
            var weight = Lanes.Row(ref first, step.Row);
            if (step.Kind is CurveStepKind.Ignored)
            {
                notAhead -= weight;
                continue;
            }
            if (step.Kind is CurveStepKind.FoundOutside)
                notAhead += weight;
            total += weight;
            found[count] = total;
            // At least one keeps 0 / 0 away where nothing occurs yet.
            seen[count] = Vector512.Max(counted[step.Place] + notAhead, Vector512<int>.One);
            count++;
        }
        return count;
    }

    private void LookUp(int count, Vector512<int> groundTruths)
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(tables);
        for (var i = 0; i < count; i++)
        {
            var capped = Vector512.Min(found[i], groundTruths);
            ref var from = ref Unsafe.As<Vector512<int>, int>(ref capped);
            ref var to = ref Unsafe.As<Vector512<int>, int>(ref reached[i]);
            for (var lane = 0; lane < Lanes.Count; lane++)
                Unsafe.Add(ref to, lane) = Unsafe.Add(ref table, (lane * tableLength) + Unsafe.Add(ref from, lane));
        }
    }

    /// <summary>Up the curve: the sum over points of the highest precision at that recall or more.</summary>
    private (Vector512<double> Lower, Vector512<double> Upper) Integrate(int count)
    {
        var epsilon = Vector512.Create(plan.Rule.Epsilon);
        var (lowerHighest, upperHighest) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (lowerSum, upperSum) = (Vector512<double>.Zero, Vector512<double>.Zero);
        for (var i = count - 1; i >= 0; i--)
        {
            var (lowerFound, upperFound) = Lanes.ToDouble(found[i]);
            var (lowerSeen, upperSeen) = Lanes.ToDouble(seen[i]);
            lowerHighest = Vector512.MaxNative(lowerHighest, lowerFound / (lowerSeen + epsilon));
            upperHighest = Vector512.MaxNative(upperHighest, upperFound / (upperSeen + epsilon));
            var (lowerPoints, upperPoints) = Lanes.ToDouble(i > 0 ? reached[i] - reached[i - 1] : reached[i]);
            lowerSum += lowerHighest * lowerPoints;
            upperSum += upperHighest * upperPoints;
        }
        return plan.Rule.Area ? (lowerSum, upperSum) : (lowerSum + (lowerHighest * lowerAtZero), upperSum + (upperHighest * upperAtZero));
    }
}
