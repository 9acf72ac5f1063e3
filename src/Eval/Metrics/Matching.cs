namespace Serve.Eval.Metrics;

/// <summary>Assigns detections to ground truths, image by image and category by category.</summary>
public static class Matching
{
    /// <summary>Matches greedily: each detection, best score first, takes the free ground truth that it overlaps most.</summary>
    /// <remarks>
    /// Ground truths that count come before ignored ones, and a match with one that counts is not given up for an ignored one. Among
    /// equal overlaps the later ground truth wins. A crowd is never used up. (COCO API, <c>evaluateImg</c>; <see cref="Assignment"/> for VOC's rule.)
    /// </remarks>
    /// <param name="input">What to match.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images.</param>
    /// <exception cref="InvalidInputException">Something that is compared cannot be: a mask that cannot be drawn, or more pairs than fit into an array.</exception>
    public static MatchTable Match(MatchInput input, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        // Most groups have only detections or only ground truths, and nothing to match.
        var both = Array.FindAll(input.Groups, group => group.DetectionCount > 0 && group.GroundTruthCount > 0);
        var chunks = Chunks.Of(both.Length, threads);
        var found = new MatchedPair[chunks.Count][][];
        Chunks.ForEach(
            chunks.Count, threads, () => new GroupMatcher(input),
            (chunk, matcher) =>
            {
                foreach (var group in both.AsSpan(chunks[chunk]))
                    matcher.Match(group);
                found[chunk] = matcher.TakePairs();
            },
            ct);
        return new(input, Joined(found, input.AreaRanges.Length * input.IouThresholds.Length));
    }

    private static MatchedPair[][] Joined(MatchedPair[][][] found, int tables)
    {
        var joined = new MatchedPair[tables][];
        for (var table = 0; table < tables; table++)
        {
            joined[table] = new MatchedPair[found.Sum(lists => lists[table].Length)];
            var at = 0;
            foreach (var lists in found)
            {
                lists[table].CopyTo(joined[table], at);
                at += lists[table].Length;
            }
        }
        return joined;
    }
}
