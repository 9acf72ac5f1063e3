using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>A ground truth that a detection overlaps, of whatever category.</summary>
/// <param name="GroundTruth">Position of the ground truth.</param>
/// <param name="Overlap">Their overlap.</param>
internal readonly record struct PooledPair(int GroundTruth, double Overlap);

/// <summary>Which ground truths of its image each detection overlaps enough to matter: most overlap none or one, so the list is short.</summary>
internal sealed class PooledOverlaps
{
    private readonly int[] starts;
    private readonly PooledPair[] pairs;

    private PooledOverlaps(int[] starts, PooledPair[] pairs) => (this.starts, this.pairs) = (starts, pairs);

    /// <summary>The ground truths that a detection overlaps, by rising position.</summary>
    public ReadOnlySpan<PooledPair> Of(int detection) => pairs.AsSpan(starts[detection], starts[detection + 1] - starts[detection]);

    /// <summary>Compares every detection with every ground truth of its image.</summary>
    /// <param name="input">What is compared; a group an image.</param>
    /// <param name="lowest">The smallest overlap that is kept.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between images.</param>
    /// <exception cref="InvalidInputException">A mask cannot be drawn: also one that the evaluation compares with nothing, as no detection has its category.</exception>
    public static PooledOverlaps Find(MatchInput input, double lowest, int threads, CancellationToken ct)
    {
        var starts = new int[input.DetectionRows.Length + 1];
        var chunks = Chunks.Of(input.Groups.Length, threads);
        var found = new List<PooledPair>[chunks.Count];
        Chunks.ForEach(
            chunks.Count, threads, () => new GroupOverlaps(input), (chunk, overlaps) => found[chunk] = FindIn(input.Groups.AsSpan(chunks[chunk]), overlaps, lowest, starts), ct);
        for (var d = 0; d < input.DetectionRows.Length; d++)
            starts[d + 1] += starts[d];
        var pairs = new PooledPair[starts[^1]];
        var at = 0;
        foreach (var list in found)
        {
            list.CopyTo(pairs, at);
            at += list.Count;
        }
        return new(starts, pairs);
    }

    /// <summary>The pairs of some images; writes the number of each detection's pairs to the place after it.</summary>
    private static List<PooledPair> FindIn(ReadOnlySpan<PairGroup> images, GroupOverlaps groupOverlaps, double lowest, int[] counts)
    {
        var found = new List<PooledPair>();
        foreach (var image in images)
        {
            if (image.DetectionCount == 0 || image.GroundTruthCount == 0)
                continue;
            var overlaps = groupOverlaps.Of(image);
            for (var d = 0; d < image.DetectionCount; d++)
            {
                var before = found.Count;
                var row = overlaps.Slice(d * image.GroundTruthCount, image.GroundTruthCount);
                for (var g = 0; g < row.Length; g++)
                {
                    if (row[g] >= lowest)
                        found.Add(new(image.GroundTruthStart + g, row[g]));
                }
                counts[image.DetectionStart + d + 1] = found.Count - before;
            }
        }
        return found;
    }
}
