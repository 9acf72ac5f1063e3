using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>
/// Which object each detection takes, whatever its category: what the confusion matrix counts. Detections from a score on, best score first, each take the free object
/// that they overlap most; among equal overlaps one of their own category, then the earlier in the file.
/// </summary>
internal sealed class TakenObjects
{
    /// <summary>It takes none.</summary>
    public const int None = -1;

    /// <summary>It takes none, and counts neither way.</summary>
    public const int LeftOut = -2;

    /// <summary>Its score is too low, or it is beyond the limit of its image.</summary>
    public const int NotAsked = -3;

    private readonly ImagePool pool;
    private readonly PooledOverlaps overlaps;
    private readonly double enough;
    private readonly double scoreThreshold;

    private TakenObjects(ImagePool pool, PooledOverlaps overlaps, double iouThreshold, double scoreThreshold)
    {
        (this.pool, this.overlaps, enough, this.scoreThreshold) = (pool, overlaps, Enough(iouThreshold), scoreThreshold);
        (By, Takers) = (new int[pool.Input.DetectionRows.Length], new int[pool.Input.GroundTruthRows.Length]);
        By.AsSpan().Fill(NotAsked);
        Takers.AsSpan().Fill(None);
    }

    /// <summary>Position of the object that each detection takes, or one of the constants. [D]</summary>
    public int[] By { get; }

    /// <summary>Position of the detection that takes each object; -1 for none. [G]</summary>
    public int[] Takers { get; }

    /// <summary>The overlap that is asked for: as in an evaluation, rounding does not keep an equal box from matching at threshold 1.</summary>
    public static double Enough(double iouThreshold) => Math.Min(iouThreshold, GroupMatcher.HighestThreshold);

    /// <summary>Takes on all images.</summary>
    /// <param name="pool">What takes part.</param>
    /// <param name="overlaps">Overlaps, at least from <see cref="Enough"/> on.</param>
    /// <param name="iouThreshold">Overlap from which a detection lies on an object.</param>
    /// <param name="scoreThreshold">Score from which detections count.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between images.</param>
    public static TakenObjects Of(ImagePool pool, PooledOverlaps overlaps, double iouThreshold, double scoreThreshold, int threads, CancellationToken ct)
    {
        var taken = new TakenObjects(pool, overlaps, iouThreshold, scoreThreshold);
        Chunks.For(pool.Input.Groups.Length, threads, (from, to) =>
        {
            foreach (var image in pool.Input.Groups.AsSpan(from, to - from))
                taken.Take(image);
        }, ct);
        return taken;
    }

    private void Take(PairGroup image)
    {
        foreach (var d in pool.RankedOf(image))
        {
            if (pool.Input.Scores[d] < scoreThreshold)
                break;
            By[d] = ObjectFor(d);
            if (By[d] >= 0)
                Takers[By[d]] = d;
        }
    }

    private int ObjectFor(int detection)
    {
        var (best, highest, bestIsSame) = (None, 0.0, false);
        var isIgnored = pool.Input.IsIgnoredUnmatched is not null && pool.Input.IsIgnoredUnmatched[detection];
        foreach (var (g, overlap) in overlaps.Of(detection))
        {
            if (overlap < enough)
                continue;
            var isSame = pool.GroundTruthCategories[g] == pool.DetectionCategories[detection];
            if (!pool.Counts(g))
                isIgnored |= isSame;
            else if (Takers[g] < 0 && (overlap > highest || (overlap == highest && IsBefore(g, isSame, best, bestIsSame))))
                (best, highest, bestIsSame) = (g, overlap, isSame);
        }
        return best < 0 && isIgnored ? LeftOut : best;
    }

    private bool IsBefore(int g, bool isSame, int best, bool bestIsSame)
        => isSame != bestIsSame ? isSame : pool.Input.GroundTruthRows[g] < pool.Input.GroundTruthRows[best];
}
