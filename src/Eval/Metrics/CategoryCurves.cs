namespace Serve.Eval.Metrics;

/// <summary>The curves of one category: its detections of all images in one list by falling score.</summary>
/// <remarks>
/// Recall rises only at a true positive, and the highest precision from any place on is that of a true positive. So the curves keep true
/// positives only, a fraction of all detections, and give the same numbers as curves over all of them.
/// </remarks>
internal readonly ref struct CategoryCurves(MatchTable matches, PrecisionRecall curves, int category, ReadOnlySpan<PairGroup> groups)
{
    // numpy's spacing(1): the distance from 1 to the next double, which keeps 0 / 0 away.
    private const double Epsilon = 1.0 / (1L << 52);

    private readonly ReadOnlySpan<PairGroup> groups = groups;

    /// <summary>Writes the category's part of the arrays.</summary>
    public void Accumulate()
    {
        var ranked = RankedDetections();
        var (recall, precision, places) = (new double[ranked.Length], new double[ranked.Length], new int[ranked.Length]);
        var withinLimit = Array.ConvertAll(curves.MaxDetections, limit => Within(ranked, limit));
        for (var a = 0; a < curves.AreaRanges.Length; a++)
        {
            var groundTruths = CountGroundTruths(curves.AreaRanges[a]);
            // Without anything to find there is nothing to say: the arrays keep -1.
            if (groundTruths == 0)
                continue;
            for (var m = 0; m < curves.MaxDetections.Length; m++)
            {
                for (var t = 0; t < curves.IouThresholds.Length; t++)
                {
                    var count = TruePositives(withinLimit[m], groundTruths, matches.Outcomes(a, t), recall, precision, places);
                    curves.Recall[curves.IndexOf(t, category, a, m)] = count == 0 ? 0 : recall[count - 1];
                    Sample(withinLimit[m], recall.AsSpan(0, count), precision, places, t, a, m);
                }
            }
        }
    }

    /// <summary>Positions of the category's detections by falling score, with their rank in their image.</summary>
    private (int Position, int Rank)[] RankedDetections()
    {
        var first = groups[0].DetectionStart;
        var order = new ScoreOrder[groups[^1].DetectionStart + groups[^1].DetectionCount - first];
        var ranks = new int[order.Length];
        foreach (var group in groups)
        {
            for (var rank = 0; rank < group.DetectionCount; rank++)
            {
                var position = group.DetectionStart + rank;
                order[position - first] = new(matches.Input.Scores[position], position);
                ranks[position - first] = rank;
            }
        }
        Array.Sort(order);
        return Array.ConvertAll(order, o => (o.Place, ranks[o.Place - first]));
    }

    private int CountGroundTruths(AreaRange range)
    {
        var count = 0;
        foreach (var group in groups)
        {
            for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
                count += matches.Input.Ignores(g, range) ? 0 : 1;
        }
        return count;
    }

    // Leaving some out of a stable order gives the stable order of the rest, so nothing is sorted again.
    private static int[] Within((int Position, int Rank)[] ranked, int limit)
    {
        var positions = new int[ranked.Length];
        var count = 0;
        foreach (var (position, rank) in ranked)
        {
            if (rank < limit)
                positions[count++] = position;
        }
        return positions[..count];
    }

    /// <summary>Fills, for each true positive, recall, the highest precision from here on, and its position; answers their number.</summary>
    private static int TruePositives(
        int[] positions, int groundTruths, ReadOnlySpan<Outcome> outcomes, double[] recall, double[] precision, int[] places)
    {
        int truePositives = 0, falsePositives = 0;
        foreach (var position in positions)
        {
            var outcome = outcomes[position];
            falsePositives += outcome == Outcome.None ? 1 : 0;
            if (outcome != Outcome.Matched)
                continue;
            places[truePositives] = position;
            truePositives++;
            recall[truePositives - 1] = (double)truePositives / groundTruths;
            precision[truePositives - 1] = truePositives / ((double)falsePositives + truePositives + Epsilon);
        }
        for (var i = truePositives - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
        return truePositives;
    }

    private void Sample(int[] positions, ReadOnlySpan<double> recall, double[] precision, int[] places, int threshold, int area, int limit)
    {
        var scores = matches.Input.Scores;
        var reached = true;
        for (var r = 0; r < curves.RecallThresholds.Length; r++)
        {
            var index = curves.IndexOf(threshold, r, category, area, limit);
            if (curves.RecallThresholds[r] <= 0)
            {
                // The first detection reaches it, whether right or wrong.
                reached &= positions.Length > 0;
                curves.Precision[index] = reached && recall.Length > 0 ? precision[0] : 0;
                curves.Scores[index] = reached ? scores[positions[0]] : 0;
                continue;
            }
            var at = FirstAtLeast(recall, curves.RecallThresholds[r]);
            // The reference stops at the first recall that is not reached; that matters only where the list is not ascending.
            reached &= at < recall.Length;
            curves.Precision[index] = reached ? precision[at] : 0;
            curves.Scores[index] = reached ? scores[places[at]] : 0;
        }
    }

    private static int FirstAtLeast(ReadOnlySpan<double> ascending, double value)
    {
        int low = 0, high = ascending.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ascending[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
