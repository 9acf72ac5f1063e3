using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>Where each row (a detection or a ground truth) belongs; -1 in either column leaves the row out.</summary>
/// <param name="Images">Index of each row's image.</param>
/// <param name="Categories">Index of each row's category.</param>
internal readonly record struct Slots(int[] Images, int[] Categories);

/// <summary>Sorts rows into groups of one image and one category, in time proportional to their number.</summary>
/// <param name="imageCount">Number of evaluated images.</param>
/// <param name="categoryCount">Number of evaluated categories.</param>
/// <param name="pooled">One group an image: rows of all its categories, one category after the other.</param>
internal sealed class Grouping(int imageCount, int categoryCount, bool pooled)
{
    /// <summary>Rows in the order of their groups (category, then image), file order inside a group.</summary>
    /// <param name="rows">Rows to sort, in the order that counts as file order; a row may occur more than once.</param>
    /// <param name="slots">Where each row belongs, indexed by row.</param>
    public int[] Sort(ReadOnlySpan<int> rows, Slots slots)
    {
        // Two stable counting sorts, the less important key first.
        return pooled
            ? StableSort(StableSort(rows, slots.Categories, categoryCount), slots.Images, imageCount)
            : StableSort(StableSort(rows, slots.Images, imageCount), slots.Categories, categoryCount);
    }

    /// <summary>Rows by rising key; rows with equal keys keep their order, rows with a negative key are left out.</summary>
    public static int[] StableSort(ReadOnlySpan<int> rows, int[] keys, int keyCount)
    {
        var starts = new int[keyCount + 1];
        foreach (var row in rows)
        {
            if (keys[row] >= 0)
                starts[keys[row] + 1]++;
        }
        for (var key = 0; key < keyCount; key++)
            starts[key + 1] += starts[key];
        var sorted = new int[starts[keyCount]];
        foreach (var row in rows)
        {
            if (keys[row] >= 0)
                sorted[starts[keys[row]]++] = row;
        }
        return sorted;
    }

    /// <summary>The groups of sorted rows: each that has a detection or a ground truth, by rising category, then image.</summary>
    /// <param name="detections">Sorted detections.</param>
    /// <param name="detectionSlots">Where each detection belongs.</param>
    /// <param name="groundTruths">Sorted ground truths.</param>
    /// <param name="groundTruthSlots">Where each ground truth belongs.</param>
    /// <returns>Groups whose starts point into the sorted rows.</returns>
    public PairGroup[] Pair(ReadOnlySpan<int> detections, Slots detectionSlots, ReadOnlySpan<int> groundTruths, Slots groundTruthSlots)
    {
        var groups = new List<PairGroup>();
        int d = 0, g = 0;
        while (d < detections.Length || g < groundTruths.Length)
        {
            var key = Math.Min(KeyAt(detections, d, detectionSlots), KeyAt(groundTruths, g, groundTruthSlots));
            var (firstDetection, firstGroundTruth) = (d, g);
            while (KeyAt(detections, d, detectionSlots) == key)
                d++;
            while (KeyAt(groundTruths, g, groundTruthSlots) == key)
                g++;
            groups.Add(new((int)(key / imageCount), (int)(key % imageCount), firstDetection, d - firstDetection, firstGroundTruth, g - firstGroundTruth));
        }
        return [.. groups];
    }

    /// <summary>Orders each group's detections by falling score and cuts them at a limit.</summary>
    /// <param name="groups">Groups; changed to point into the result.</param>
    /// <param name="rows">Detections in the order of their groups.</param>
    /// <param name="detections">The detections.</param>
    /// <param name="limit">Most detections of one group.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between groups.</param>
    /// <returns>The detections that are left, in the order of their groups.</returns>
    public static int[] Rank(PairGroup[] groups, int[] rows, DetectionTable detections, int limit, int threads, CancellationToken ct)
    {
        var starts = new int[groups.Length + 1];
        for (var i = 0; i < groups.Length; i++)
            starts[i + 1] = starts[i] + Math.Min(groups[i].DetectionCount, limit);
        var ranked = new int[starts[^1]];
        Chunks.For(groups.Length, threads, (from, to) =>
        {
            var order = new ScoreOrder();
            var scores = detections.Scores;
            for (var i = from; i < to; i++)
            {
                var group = groups[i];
                var kept = ranked.AsSpan(starts[i], starts[i + 1] - starts[i]);
                order.Sort(rows.AsSpan(group.DetectionStart, group.DetectionCount), scores, kept);
                groups[i] = group with { DetectionStart = starts[i], DetectionCount = kept.Length };
            }
        }, ct);
        return ranked;
    }

    private long KeyAt(ReadOnlySpan<int> rows, int at, Slots slots)
    {
        if (at >= rows.Length)
            return long.MaxValue;
        var category = pooled ? 0L : slots.Categories[rows[at]];
        return (category * imageCount) + slots.Images[rows[at]];
    }
}
