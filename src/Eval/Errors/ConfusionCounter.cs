using System.Runtime.InteropServices;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Counts the cells of a confusion matrix.</summary>
/// <param name="pool">What takes part.</param>
/// <param name="overlaps">Overlaps, at least from <see cref="Enough"/> on.</param>
/// <param name="iouThreshold">Overlap from which a detection lies on an object.</param>
/// <param name="scoreThreshold">Score from which detections count.</param>
internal sealed class ConfusionCounter(ImagePool pool, PooledOverlaps overlaps, double iouThreshold, double scoreThreshold)
{
    private readonly MatchInput input = pool.Input;
    private readonly int background = pool.CategoryIds.Length;
    private readonly double enough = Enough(iouThreshold);

    /// <summary>The overlap that is asked for: as in an evaluation, rounding does not keep an equal box from matching at threshold 1.</summary>
    public static double Enough(double iouThreshold) => Math.Min(iouThreshold, GroupMatcher.HighestThreshold);

    /// <summary>Counts all images.</summary>
    public ConfusionMatrix Count(CategoryNames names, int threads, CancellationToken ct)
    {
        var cells = new Dictionary<(int Truth, int Detected), long>();
        var isTaken = new bool[input.GroundTruthRows.Length];
        Chunks.For(input.Groups.Length, threads, (from, to) =>
        {
            var counts = new Dictionary<(int Truth, int Detected), long>();
            foreach (var image in input.Groups.AsSpan(from, to - from))
                Count(image, isTaken, counts);
            lock (cells)
            {
                foreach (var (cell, count) in counts)
                    CollectionsMarshal.GetValueRefOrAddDefault(cells, cell, out _) += count;
            }
        }, ct);
        var (truth, detected) = (new long[background + 1], new long[background + 1]);
        foreach (var (cell, count) in cells)
        {
            truth[cell.Truth] += count;
            detected[cell.Detected] += count;
        }
        return new()
        {
            IouThreshold = iouThreshold,
            ScoreThreshold = scoreThreshold,
            Categories = [.. pool.CategoryIds.Select(id => new ConfusionCategory(id, names[id]))],
            Cells = [.. cells.OrderBy(cell => cell.Key).Select(cell => new ConfusionCell(cell.Key.Truth, cell.Key.Detected, cell.Value))],
            TruthTotals = truth,
            DetectedTotals = detected,
        };
    }

    private void Count(PairGroup image, bool[] isTaken, Dictionary<(int Truth, int Detected), long> counts)
    {
        foreach (var d in pool.RankedOf(image))
        {
            if (input.Scores[d] < scoreThreshold)
                break;
            var (taken, isIgnored) = Take(d, isTaken);
            if (taken < 0 && isIgnored)
                continue;
            if (taken >= 0)
                isTaken[taken] = true;
            var truth = taken < 0 ? background : pool.GroundTruthCategories[taken];
            CollectionsMarshal.GetValueRefOrAddDefault(counts, (truth, pool.DetectionCategories[d]), out _)++;
        }
        for (var g = image.GroundTruthStart; g < image.GroundTruthStart + image.GroundTruthCount; g++)
        {
            if (pool.Counts(g) && !isTaken[g])
                CollectionsMarshal.GetValueRefOrAddDefault(counts, (pool.GroundTruthCategories[g], background), out _)++;
        }
    }

    /// <summary>The object that a detection takes, -1 for none, and whether it is left out when it takes none.</summary>
    private (int Taken, bool IsIgnored) Take(int detection, bool[] isTaken)
    {
        var (best, highest, bestIsSame) = (-1, 0.0, false);
        var isIgnored = input.IsIgnoredUnmatched is not null && input.IsIgnoredUnmatched[detection];
        foreach (var (g, overlap) in overlaps.Of(detection))
        {
            if (overlap < enough)
                continue;
            var isSame = pool.GroundTruthCategories[g] == pool.DetectionCategories[detection];
            if (!pool.Counts(g))
                isIgnored |= isSame;
            else if (!isTaken[g] && (overlap > highest || (overlap == highest && IsBefore(g, isSame, best, bestIsSame))))
                (best, highest, bestIsSame) = (g, overlap, isSame);
        }
        return (best, isIgnored);
    }

    private bool IsBefore(int g, bool isSame, int best, bool bestIsSame)
        => isSame != bestIsSame ? isSame : input.GroundTruthRows[g] < input.GroundTruthRows[best];
}
