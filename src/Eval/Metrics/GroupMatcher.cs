namespace Serve.Eval.Metrics;

/// <summary>Matches one group after another, on one thread, and collects the pairs.</summary>
internal sealed class GroupMatcher
{
    /// <summary>The reference caps the threshold here, so that rounding cannot keep an equal box from matching at threshold 1.</summary>
    public const double HighestThreshold = 1 - 1e-10;

    private readonly MatchInput input;
    private readonly GroupOverlaps groupOverlaps;
    private readonly double[] thresholds;
    private readonly double lowest;
    private readonly List<MatchedPair>[] pairs;

    // Buffers of the group at hand: the detections that overlap something enough, and what they overlap. [C] candidates, [G] flags.
    private readonly List<int> detections = [];
    private readonly List<int> ends = [];
    private readonly List<(int GroundTruth, double Overlap)> candidates = [];
    private bool[] taken = [];
    private bool[] ignored = [];

    /// <summary>A matcher of groups of this input.</summary>
    public GroupMatcher(MatchInput input)
    {
        (this.input, groupOverlaps) = (input, new(input));
        thresholds = Array.ConvertAll(input.IouThresholds, threshold => Math.Min(threshold, HighestThreshold));
        lowest = thresholds.Min();
        pairs = new List<MatchedPair>[input.AreaRanges.Length * thresholds.Length];
        for (var table = 0; table < pairs.Length; table++)
            pairs[table] = [];
    }

    /// <summary>The pairs found since the last call, a list for each area range and threshold: [A * T].</summary>
    public MatchedPair[][] TakePairs()
    {
        var taken = Array.ConvertAll(pairs, list => list.ToArray());
        foreach (var list in pairs)
            list.Clear();
        return taken;
    }

    /// <summary>Matches a group that has both detections and ground truths. Groups come in order.</summary>
    public void Match(PairGroup group)
    {
        FindCandidates(group);
        if (detections.Count == 0)
            return;
        if (taken.Length < group.GroundTruthCount)
            (taken, ignored) = (new bool[group.GroundTruthCount * 2], new bool[group.GroundTruthCount * 2]);
        for (var a = 0; a < input.AreaRanges.Length; a++)
        {
            for (var g = 0; g < group.GroundTruthCount; g++)
                ignored[g] = input.Ignores(group.GroundTruthStart + g, input.AreaRanges[a]);
            for (var t = 0; t < thresholds.Length; t++)
                Match(group, thresholds[t], pairs[(a * thresholds.Length) + t]);
        }
    }

    /// <summary>Keeps, for each detection, the ground truths that it overlaps enough for the lowest threshold: they are few, and no other can match.</summary>
    private void FindCandidates(PairGroup group)
    {
        var overlaps = groupOverlaps.Of(group);
        detections.Clear();
        ends.Clear();
        candidates.Clear();
        for (var d = 0; d < group.DetectionCount; d++)
        {
            var before = candidates.Count;
            var row = overlaps.Slice(d * group.GroundTruthCount, group.GroundTruthCount);
            for (var g = 0; g < row.Length; g++)
            {
                if (row[g] >= lowest)
                    candidates.Add((g, row[g]));
            }
            if (candidates.Count == before)
                continue;
            detections.Add(d);
            ends.Add(candidates.Count);
        }
    }

    private void Match(PairGroup group, double threshold, List<MatchedPair> found)
    {
        taken.AsSpan(0, group.GroundTruthCount).Clear();
        var from = 0;
        for (var i = 0; i < detections.Count; i++)
        {
            var match = input.Assignment is Assignment.BestFree ? BestFree(group, from, ends[i], threshold) : BestOfAll(from, ends[i], threshold);
            from = ends[i];
            if (match < 0)
                continue;
            taken[match] = true;
            found.Add(new(group.DetectionStart + detections[i], group.GroundTruthStart + match));
        }
    }

    /// <summary>The free ground truth with the highest overlap, one that counts before any that is ignored, the later among equals; -1 for none.</summary>
    private int BestFree(PairGroup group, int from, int end, double threshold)
    {
        int counting = -1, other = -1;
        double bestCounting = threshold, bestOther = threshold;
        for (var i = from; i < end; i++)
        {
            var (g, overlap) = candidates[i];
            if (taken[g] && !input.IsCrowd[group.GroundTruthStart + g])
                continue;
            if (!ignored[g] && overlap >= bestCounting)
                (counting, bestCounting) = (g, overlap);
            else if (ignored[g] && overlap >= bestOther)
                (other, bestOther) = (g, overlap);
        }
        return counting >= 0 ? counting : other;
    }

    /// <summary>The ground truth with the highest overlap, the earlier among equals, unless it is taken and counts; -1 for none.</summary>
    private int BestOfAll(int from, int end, double threshold)
    {
        var best = -1;
        var highest = double.NegativeInfinity;
        for (var i = from; i < end; i++)
        {
            if (candidates[i].Overlap > highest)
                (best, highest) = candidates[i];
        }
        // An ignored one is never used up.
        return best < 0 || highest < threshold || (taken[best] && !ignored[best]) ? -1 : best;
    }
}
