namespace Serve.Eval.Metrics;

/// <summary>The curves of one category: its detections of all images in one list by falling score.</summary>
internal readonly ref struct CategoryCurves(MatchTable matches, PrecisionRecall curves, int category, ReadOnlySpan<PairGroup> groups)
{
    // numpy's spacing(1): the distance from 1 to the next double, which keeps 0 / 0 away.
    private const double Epsilon = 1.0 / (1L << 52);

    private readonly ReadOnlySpan<PairGroup> groups = groups;

    /// <summary>Writes the category's part of the arrays.</summary>
    public void Accumulate()
    {
        var ranked = RankedDetections();
        var (recall, precision) = (new double[ranked.Length], new double[ranked.Length]);
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
                    var reached = Accumulate(withinLimit[m], groundTruths, matches.Outcomes(a, t), recall, precision);
                    curves.Recall[curves.IndexOf(t, category, a, m)] = reached;
                    Sample(withinLimit[m], recall, precision, t, a, m);
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

    /// <summary>Fills recall and precision (highest from here on) after each detection; answers the recall of all.</summary>
    private static double Accumulate(int[] positions, int groundTruths, ReadOnlySpan<Outcome> outcomes, double[] recall, double[] precision)
    {
        double truePositives = 0, falsePositives = 0;
        for (var i = 0; i < positions.Length; i++)
        {
            switch (outcomes[positions[i]])
            {
                case Outcome.Matched:
                    truePositives++;
                    break;
                case Outcome.None:
                    falsePositives++;
                    break;
            }
            recall[i] = truePositives / groundTruths;
            precision[i] = truePositives / (falsePositives + truePositives + Epsilon);
        }
        for (var i = positions.Length - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
        return truePositives / groundTruths;
    }

    private void Sample(int[] positions, double[] recall, double[] precision, int threshold, int area, int limit)
    {
        var reached = true;
        for (var r = 0; r < curves.RecallThresholds.Length; r++)
        {
            var at = FirstAtLeast(recall.AsSpan(0, positions.Length), curves.RecallThresholds[r]);
            // The reference stops at the first recall that is not reached; the order of the list matters only where it is not ascending.
            reached &= at < positions.Length;
            var index = curves.IndexOf(threshold, r, category, area, limit);
            curves.Precision[index] = reached ? precision[at] : 0;
            curves.Scores[index] = reached ? matches.Input.Scores[positions[at]] : 0;
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
