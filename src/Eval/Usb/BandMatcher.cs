using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>
/// Matches groups where objects have weights instead of being in or out of a range: heavier ground truths are offered first, and a match with one that weighs
/// anything is not given up for one that weighs nothing. With weights of 0 and 1 this is the rule of <see cref="GroupMatcher"/>. For one thread.
/// </summary>
internal sealed class BandMatcher(MatchInput input)
{
    private readonly GroupOverlaps groupOverlaps = new(input);
    private double[] weights = [];
    private bool[] taken = [];

    /// <summary>Matches a group in a band.</summary>
    /// <param name="group">The image and category.</param>
    /// <param name="band">Weighs objects.</param>
    /// <param name="masses">
    /// [T, count] to be written at the group's detections: the weight of the ground truth that a detection matches, or minus the detection's own weight where it
    /// matches none. 0 counts neither way.
    /// </param>
    /// <param name="first">Position of the detection that the first column stands for.</param>
    /// <param name="count">Number of columns.</param>
    public void Match(PairGroup group, ScaleBand band, Span<double> masses, int first, int count)
    {
        Weigh(group, band);
        var order = Enumerable.Range(0, group.GroundTruthCount).OrderByDescending(g => weights[g]).ToArray();
        ReadOnlySpan<double> overlaps = order.Length > 0 ? groupOverlaps.Of(group) : [];
        for (var t = 0; t < input.IouThresholds.Length; t++)
        {
            taken.AsSpan(0, group.GroundTruthCount).Clear();
            for (var d = 0; d < group.DetectionCount; d++)
            {
                var found = Find(group, overlaps.Slice(d * order.Length, order.Length), order, Math.Min(input.IouThresholds[t], GroupMatcher.HighestThreshold));
                masses[(t * count) + group.DetectionStart + d - first] = Mass(group, d, found, band);
            }
        }
    }

    private void Weigh(PairGroup group, ScaleBand band)
    {
        if (weights.Length < group.GroundTruthCount)
            (weights, taken) = (new double[group.GroundTruthCount * 2], new bool[group.GroundTruthCount * 2]);
        for (var g = 0; g < group.GroundTruthCount; g++)
            weights[g] = band.WeightOf(input, group.GroundTruthStart + g);
    }

    private int Find(PairGroup group, ReadOnlySpan<double> overlaps, int[] order, double threshold)
    {
        var (best, highest) = (-1, threshold);
        foreach (var g in order)
        {
            if (taken[g] && !input.IsCrowd[group.GroundTruthStart + g])
                continue;
            if (best >= 0 && weights[best] > 0 && weights[g] == 0)
                break;
            var overlap = overlaps[g];
            // Among equal overlaps the later one wins.
            if (overlap >= highest)
                (best, highest) = (g, overlap);
        }
        return best;
    }

    private double Mass(PairGroup group, int detection, int found, ScaleBand band)
    {
        if (found < 0)
            return -band.Weight(input.DetectionSize(group.DetectionStart + detection, SizeMeasure.Scale));
        taken[found] = true;
        return input.IsUnnoted(group.GroundTruthStart + found) ? -weights[found] : weights[found];
    }
}
