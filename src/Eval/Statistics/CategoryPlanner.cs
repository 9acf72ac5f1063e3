using System.Runtime.InteropServices;
using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>Plans one category after another, on one thread.</summary>
/// <param name="results">As for <see cref="ResamplePlan.Of"/>.</param>
/// <param name="curves">Limits and thresholds.</param>
/// <param name="cells">Which cells are needed.</param>
/// <param name="copies">Rows for the copies of an image; 1 where none are needed.</param>
internal sealed class CategoryPlanner(IReadOnlyList<MatchTable> results, PrecisionRecall curves, MetricCells cells, int copies)
{
    private const byte NoStep = byte.MaxValue;

    private readonly int images = results[0].Input.ImageIds.Length;
    private readonly int thresholds = curves.IouThresholds.Length;
    private readonly ScoreOrder sorter = new();

    // The category's detections by image, then falling score; with two results, those of the first before those of the second on each image. [N]
    private readonly List<Candidate> candidates = [];
    private readonly List<double> scores = [];

    // What each candidate that matches something does at each area range and threshold: a kind of step, or none. [U, A, T]
    private readonly List<byte> kinds = [];
    private readonly List<int> matched = [];

    // Detections by falling score; those of tied copies as often as an image can occur.
    private readonly List<(int Candidate, int Row)> ranked = [];

    /// <summary>A detection.</summary>
    /// <param name="Result">Index of its result.</param>
    /// <param name="Position">Its position there.</param>
    /// <param name="Image">Index of its image.</param>
    /// <param name="Limit">Index of the smallest limit under which it stays.</param>
    /// <param name="Match">Where it stands among those that match something; -1 for none.</param>
    private record struct Candidate(int Result, int Position, int Image, int Limit, int Match);

    /// <summary>Plans a category.</summary>
    /// <param name="category">Its index.</param>
    /// <param name="groups">Its groups in each result.</param>
    public List<AreaPlan> Plan(int category, ReadOnlyMemory<PairGroup>[] groups)
    {
        var plans = new List<AreaPlan>();
        var isRead = false;
        for (var a = 0; a < curves.AreaRanges.Length; a++)
        {
            var groundTruths = GroundTruths(groups[0].Span, curves.AreaRanges[a]);
            // What has no ground truth has none in any resample.
            if (groundTruths.Length == 0 || !IsNeeded(category, a))
                continue;
            if (!isRead)
                Read(groups);
            isRead = true;
            plans.Add(new(groundTruths, Recalls(category, a), Curves(category, a)));
        }
        return plans;
    }

    private bool IsNeeded(int category, int area)
    {
        for (var m = 0; m < curves.MaxDetections.Length; m++)
        {
            for (var t = 0; t < thresholds; t++)
            {
                if (cells.LeavesOf(new(Measure.Precision, area, m, t), category).Length > 0 || cells.LeavesOf(new(Measure.Recall, area, m, t), category).Length > 0)
                    return true;
            }
        }
        return false;
    }

    private int[] GroundTruths(ReadOnlySpan<PairGroup> groups, AreaRange range)
    {
        var rows = new List<int>();
        foreach (var group in groups)
        {
            for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
            {
                // Ground truth belongs to no result: where there are two, it has the row after theirs.
                if (!results[0].Input.Ignores(g, range))
                    rows.Add(results.Count == 1 ? group.Image : results.Count * images);
            }
        }
        return [.. rows];
    }

    private void Read(ReadOnlyMemory<PairGroup>[] groups)
    {
        candidates.Clear();
        scores.Clear();
        var firsts = Array.ConvertAll(groups, own => own.IsEmpty ? 0 : own.Span[0].DetectionStart);
        var places = Array.ConvertAll(groups, own => new int[own.IsEmpty ? 0 : own.Span[^1].DetectionStart + own.Span[^1].DetectionCount - own.Span[0].DetectionStart]);
        var at = new int[groups.Length];
        while (true)
        {
            var image = int.MaxValue;
            for (var result = 0; result < groups.Length; result++)
                image = at[result] < groups[result].Length ? Math.Min(image, groups[result].Span[at[result]].Image) : image;
            if (image == int.MaxValue)
                break;
            for (var result = 0; result < groups.Length; result++)
            {
                if (at[result] < groups[result].Length && groups[result].Span[at[result]].Image == image)
                    Add(result, groups[result].Span[at[result]++], places[result], firsts[result]);
            }
        }
        MarkMatched(firsts, places);
        Rank();
    }

    private void Add(int result, PairGroup group, int[] places, int first)
    {
        for (var rank = 0; rank < group.DetectionCount; rank++)
        {
            var position = group.DetectionStart + rank;
            places[position - first] = candidates.Count;
            candidates.Add(new(result, position, group.Image, LimitOf(rank), Match: -1));
            scores.Add(results[result].Input.Scores[position]);
        }
    }

    private int LimitOf(int rank)
    {
        var limit = 0;
        while (limit < curves.MaxDetections.Length && rank >= curves.MaxDetections[limit])
            limit++;
        return limit;
    }

    private void MarkMatched(int[] firsts, int[][] places)
    {
        kinds.Clear();
        matched.Clear();
        for (var result = 0; result < results.Count; result++)
        {
            for (var a = 0; a < curves.AreaRanges.Length; a++)
            {
                for (var t = 0; t < thresholds; t++)
                {
                    foreach (var pair in results[result].Pairs(a, t, firsts[result], firsts[result] + places[result].Length))
                        Mark(places[result][pair.Detection - firsts[result]], (a * thresholds) + t, KindOf(results[result].Input, pair, curves.AreaRanges[a]));
                }
            }
        }
    }

    private static byte KindOf(MatchInput input, MatchedPair pair, AreaRange range)
    {
        var isCounted = !input.IgnoresUnmatched(pair.Detection, range);
        if (input.Ignores(pair.GroundTruth, range))
            return isCounted ? (byte)CurveStepKind.Ignored : NoStep;
        // A match that is noted as none stays what was counted ahead.
        if (input.IsUnnoted(pair.GroundTruth))
            return NoStep;
        return (byte)(isCounted ? CurveStepKind.Found : CurveStepKind.FoundOutside);
    }

    private void Mark(int place, int table, byte kind)
    {
        var candidate = candidates[place];
        var tables = curves.AreaRanges.Length * thresholds;
        if (candidate.Match < 0)
        {
            candidates[place] = candidate = candidate with { Match = matched.Count };
            matched.Add(place);
            for (var i = 0; i < tables; i++)
                kinds.Add(NoStep);
        }
        kinds[(candidate.Match * tables) + table] = kind;
    }

    /// <summary>
    /// Sorts by falling score. Where detections of one image tie, its copies come one after another, each with all of them, as they would if the copies were images.
    /// </summary>
    private void Rank()
    {
        ranked.Clear();
        int[] order = [.. sorter.Sort(CollectionsMarshal.AsSpan(scores))];
        if (curves.Rule.TiesInFileOrder)
        {
            // Rows of two results say nothing about each other, but one order is as good as another.
            int[] rows = [.. candidates.Select(candidate => results[candidate.Result].Input.DetectionRows[candidate.Position])];
            ScoreOrder.OrderTiesByRow(order, CollectionsMarshal.AsSpan(scores), rows);
        }
        if (curves.Rule.LimitsPerCategory)
            LimitByRank(order);
        for (var from = 0; from < order.Length;)
        {
            var first = candidates[order[from]];
            var (end, isMatched) = (from + 1, first.Match >= 0);
            while (copies > 1 && end < order.Length && candidates[order[end]].Image == first.Image && scores[order[end]] == scores[order[from]])
                isMatched |= candidates[order[end++]].Match >= 0;
            if (end == from + 1 || !isMatched)
            {
                for (; from < end; from++)
                    ranked.Add((order[from], RowOf(candidates[order[from]])));
                continue;
            }
            for (var copy = 0; copy < copies; copy++)
            {
                for (var i = from; i < end; i++)
                    ranked.Add((order[i], images + (first.Image * copies) + copy));
            }
            from = end;
        }
    }

    /// <summary>
    /// Limits over all images are those of the images as they are: whether a detection takes part does not depend on what else a resample holds.
    /// </summary>
    private void LimitByRank(int[] order)
    {
        var ranks = new int[results.Count];
        foreach (var place in order)
            candidates[place] = candidates[place] with { Limit = LimitOf(ranks[candidates[place].Result]++) };
    }

    private int RowOf(Candidate candidate) => (candidate.Result * images) + candidate.Image;

    private RecallPlan[] Recalls(int category, int area)
    {
        var plans = new List<RecallPlan>();
        var limits = curves.MaxDetections.Length;
        for (var t = 0; t < thresholds; t++)
        {
            var leaves = Enumerable.Range(0, limits).Select(m => cells.LeavesOf(new(Measure.Recall, area, m, t), category)).ToArray();
            if (leaves.All(own => own.Length == 0))
                continue;
            var found = Enumerable.Range(0, limits).Select(_ => new List<int>()).ToArray();
            foreach (var place in matched)
            {
                var candidate = candidates[place];
                if (candidate.Limit < limits && IsFound(KindOf(candidate, area, t)))
                    found[candidate.Limit].Add(RowOf(candidate));
            }
            plans.Add(new(Array.ConvertAll(found, own => own.ToArray()), leaves));
        }
        return [.. plans];
    }

    private CurvePlan[] Curves(int category, int area)
    {
        var plans = new List<CurvePlan>();
        for (var m = 0; m < curves.MaxDetections.Length; m++)
        {
            var leaves = Enumerable.Range(0, thresholds).Select(t => cells.LeavesOf(new(Measure.Precision, area, m, t), category)).ToArray();
            if (leaves.Any(own => own.Length > 0))
                plans.Add(Curve(area, m, leaves));
        }
        return [.. plans];
    }

    private CurvePlan Curve(int area, int limit, int[][] leaves)
    {
        var (counted, ends) = (new List<int>(), new List<int>());
        var steps = Array.ConvertAll(leaves, _ => new List<CurveStep>());
        foreach (var (place, row) in ranked)
        {
            var candidate = candidates[place];
            if (candidate.Limit > limit)
                continue;
            if (!results[candidate.Result].Input.IgnoresUnmatched(candidate.Position, curves.AreaRanges[area]))
                counted.Add(row);
            if (candidate.Match < 0)
                continue;
            var isStep = false;
            for (var t = 0; t < thresholds; t++)
            {
                var kind = KindOf(candidate, area, t);
                if (kind is NoStep || leaves[t].Length == 0)
                    continue;
                steps[t].Add(new(ends.Count, row, (CurveStepKind)kind));
                isStep = true;
            }
            if (isStep)
                ends.Add(counted.Count);
        }
        var plans = steps.Select((own, t) => new ThresholdPlan([.. own], leaves[t])).Where(plan => plan.Leaves.Length > 0);
        return new([.. counted], [.. ends], [.. plans]);
    }

    private byte KindOf(Candidate candidate, int area, int threshold)
        => kinds[(((candidate.Match * curves.AreaRanges.Length) + area) * thresholds) + threshold];

    private static bool IsFound(byte kind) => kind is (byte)CurveStepKind.Found or (byte)CurveStepKind.FoundOutside;
}
