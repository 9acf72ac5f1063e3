namespace Serve.Eval.Metrics;

/// <summary>Makes the curves of one category after another, on one thread.</summary>
/// <remarks>
/// Recall rises only at a true positive, and the highest precision from any place on is that of a true positive. So the curves keep true
/// positives only, a fraction of all detections, and give the same numbers as curves over all of them.
/// </remarks>
internal sealed class CategoryCurves(MatchTable matches, PrecisionRecall curves)
{
    private readonly MatchInput input = matches.Input;
    private readonly RankedCategory ranked = new(matches, curves.MaxDetections);

    // What became of each detection that matches something in some table: [U].
    private Outcome[] outcomes = [];

    // Of each true positive of a curve: recall, precision (then the highest from here on) and position. [P]
    private double[] recall = [];
    private double[] precision = [];
    private int[] positions = [];

    // Precision and scores of the category: [T, R, A, M]. They go into the arrays in whole pieces, because a walk along R there touches a page a step.
    private readonly double[] sampledPrecision = new double[curves.IouThresholds.Length * curves.RecallThresholds.Length * curves.AreaRanges.Length * curves.MaxDetections.Length];
    private readonly double[] sampledScores = new double[curves.IouThresholds.Length * curves.RecallThresholds.Length * curves.AreaRanges.Length * curves.MaxDetections.Length];

    /// <summary>Writes the category's part of the arrays.</summary>
    public void Accumulate(int category, ReadOnlySpan<PairGroup> groups)
    {
        ranked.Rank(groups);
        if (outcomes.Length < ranked.MatchedCount)
        {
            var length = ranked.MatchedCount * 2;
            (outcomes, recall, precision, positions) = (new Outcome[length], new double[length], new double[length], new int[length]);
        }
        sampledPrecision.AsSpan().Fill(-1);
        sampledScores.AsSpan().Fill(-1);
        var cells = curves.AreaRanges.Length * curves.MaxDetections.Length;
        for (var a = 0; a < curves.AreaRanges.Length; a++)
        {
            var groundTruths = CountGroundTruths(groups, curves.AreaRanges[a]);
            // Without anything to find there is nothing to say: the arrays keep -1.
            if (groundTruths == 0)
                continue;
            for (var t = 0; t < curves.IouThresholds.Length; t++)
            {
                FindOutcomes(a, t);
                for (var m = 0; m < curves.MaxDetections.Length; m++)
                {
                    var count = TruePositives(a, m, groundTruths);
                    var at = curves.IndexOf(t, category, a, m);
                    curves.Recall[at] = count == 0 ? 0 : recall[count - 1];
                    if (curves.Rule.Area)
                        curves.Areas[at] = AreaUnder(count);
                    Sample(count, (t * curves.RecallThresholds.Length * cells) + (a * curves.MaxDetections.Length) + m, cells);
                }
            }
        }
        for (var piece = 0; piece < curves.IouThresholds.Length * curves.RecallThresholds.Length; piece++)
        {
            var (from, to) = (piece * cells, ((piece * curves.CategoryIds.Length) + category) * cells);
            Array.Copy(sampledPrecision, from, curves.Precision, to, cells);
            Array.Copy(sampledScores, from, curves.Scores, to, cells);
        }
    }

    private int CountGroundTruths(ReadOnlySpan<PairGroup> groups, AreaRange range)
    {
        var count = 0;
        var (first, end) = (groups[0].GroundTruthStart, groups[^1].GroundTruthStart + groups[^1].GroundTruthCount);
        for (var g = first; g < end; g++)
            count += input.Ignores(g, range) ? 0 : 1;
        return count;
    }

    private void FindOutcomes(int area, int threshold)
    {
        outcomes.AsSpan(0, ranked.MatchedCount).Clear();
        var range = curves.AreaRanges[area];
        foreach (var (d, g) in matches.Pairs(area, threshold, ranked.First, ranked.End))
        {
            var noted = input.IsUnnoted(g) ? Outcome.None : Outcome.Matched;
            outcomes[ranked.MatchedIndexOf(d)] = input.Ignores(g, range) ? noted | Outcome.Ignored : noted;
        }
    }

    /// <summary>Fills, for each true positive, recall, the highest precision from here on, and its position; answers their number.</summary>
    private int TruePositives(int area, int limit, int groundTruths)
    {
        ReadOnlySpan<int> detections = ranked.MatchedPositions, limits = ranked.MatchedLimits, counts = ranked.UnmatchedCounts(area, limit);
        var self = ranked.UnmatchedSelf(area);
        var (recalls, precisions, places) = (recall, precision, positions);
        var epsilon = curves.Rule.Epsilon;
        int truePositives = 0, notFalse = 0;
        for (var u = 0; u < detections.Length; u++)
        {
            if (outcomes[u] is Outcome.None || limits[u] > limit)
                continue;
            // Counted ahead as a false positive, and is none.
            notFalse += self[u];
            if (outcomes[u] is not Outcome.Matched)
                continue;
            places[truePositives] = detections[u];
            recalls[truePositives] = (double)(truePositives + 1) / groundTruths;
            precisions[truePositives] = (truePositives + 1) / ((double)(counts[u] - notFalse) + (truePositives + 1) + epsilon);
            truePositives++;
        }
        for (var i = truePositives - 1; i > 0; i--)
            precisions[i - 1] = Math.Max(precisions[i - 1], precisions[i]);
        return truePositives;
    }

    /// <summary>Area under the curve: the sum over true positives of the rise in recall times the highest precision from there on.</summary>
    private double AreaUnder(int count)
    {
        var (sum, before) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            sum += (recall[i] - before) * precision[i];
            before = recall[i];
        }
        return sum;
    }

    private void Sample(int count, int first, int stride)
    {
        var thresholds = curves.RecallThresholds;
        var reached = true;
        var at = 0;
        for (int r = 0, index = first; r < thresholds.Length; r++, index += stride)
        {
            if (r > 0 && thresholds[r] < thresholds[r - 1])
                at = 0;
            if (thresholds[r] <= 0)
            {
                // The first detection reaches it, whether right or wrong.
                reached &= ranked.Best >= 0;
                sampledPrecision[index] = reached && count > 0 ? precision[0] : 0;
                sampledScores[index] = reached ? input.Scores[ranked.Best] : 0;
                continue;
            }
            while (at < count && recall[at] < thresholds[r])
                at++;
            // The reference stops at the first recall that is not reached; that matters only where the list is not ascending.
            reached &= at < count;
            sampledPrecision[index] = reached ? precision[at] : 0;
            sampledScores[index] = reached ? input.Scores[positions[at]] : 0;
        }
    }
}
