namespace Serve.Eval.Metrics;

/// <summary>What became of a detection at one overlap threshold in one area range.</summary>
[Flags]
public enum Outcome : byte
{
    /// <summary>A false positive.</summary>
    None = 0,

    /// <summary>It matches a ground truth: a true positive, unless ignored.</summary>
    Matched = 1,

    /// <summary>It counts neither way: it matches an ignored ground truth, or matches none and lies outside the area range.</summary>
    Ignored = 2,
}

/// <summary>A detection and the ground truth that it takes, as positions.</summary>
public readonly record struct MatchedPair(int Detection, int GroundTruth);

/// <summary>
/// Result of matching: for each area range and threshold, the pairs that match. All other detections match nothing; most do not, so pairs are few.
/// </summary>
public sealed class MatchTable
{
    private readonly MatchedPair[][] pairs;

    /// <summary>Creates the result.</summary>
    /// <param name="input">What was matched.</param>
    /// <param name="pairs">Pairs by rising detection, a list for each area range and threshold: [A * T].</param>
    internal MatchTable(MatchInput input, MatchedPair[][] pairs) => (Input, this.pairs) = (input, pairs);

    /// <summary>What was matched.</summary>
    public MatchInput Input { get; }

    /// <summary>The pairs, by rising position of the detection. A crowd may occur in several.</summary>
    public ReadOnlySpan<MatchedPair> Pairs(int area, int threshold) => pairs[(area * Input.IouThresholds.Length) + threshold];

    /// <summary>The pairs whose detection lies in a range of positions.</summary>
    public ReadOnlySpan<MatchedPair> Pairs(int area, int threshold, int firstDetection, int endDetection)
    {
        var all = Pairs(area, threshold);
        var first = FirstFrom(all, firstDetection);
        return all.Slice(first, FirstFrom(all[first..], endDetection));
    }

    /// <summary>Outcome of every detection position. [D]</summary>
    public Outcome[] Outcomes(int area, int threshold)
    {
        var range = Input.AreaRanges[area];
        var outcomes = new Outcome[Input.Scores.Length];
        for (var d = 0; d < outcomes.Length; d++)
            outcomes[d] = Input.IgnoresUnmatched(d, range) ? Outcome.Ignored : Outcome.None;
        foreach (var (d, g) in Pairs(area, threshold))
        {
            var ignored = Input.Ignores(g, range) ? Outcome.Ignored : Outcome.None;
            outcomes[d] = Input.IsUnnoted(g) ? outcomes[d] | ignored : Outcome.Matched | ignored;
        }
        return outcomes;
    }

    /// <summary>For every detection position, the position of the ground truth it matches, or -1. [D]</summary>
    public int[] DetectionMatches(int area, int threshold)
    {
        var matches = new int[Input.Scores.Length];
        Array.Fill(matches, -1);
        foreach (var (d, g) in Pairs(area, threshold))
            matches[d] = g;
        return matches;
    }

    /// <summary>For every ground truth position, the position of the (last) detection that matches it, or -1. [G]</summary>
    public int[] GroundTruthMatches(int area, int threshold)
    {
        var matches = new int[Input.GroundTruthRows.Length];
        Array.Fill(matches, -1);
        foreach (var (d, g) in Pairs(area, threshold))
            matches[g] = d;
        return matches;
    }

    /// <summary>
    /// Puts together what was matched in parts, each of other images (<see cref="Protocol.ImageIds"/>) under the same protocol: the result is the same as if all
    /// had been matched at once, for any order of the parts.
    /// </summary>
    /// <param name="parts">At least one.</param>
    /// <exception cref="InvalidInputException">Parts share an image, or differ in categories, thresholds or ranges.</exception>
    public static MatchTable Merge(IReadOnlyList<MatchTable> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        // A copy: the overlaps are computed by the parts whenever they are asked for, and the list may change until then.
        return MatchMerging.Merge([.. parts]);
    }

    private static int FirstFrom(ReadOnlySpan<MatchedPair> pairs, int detection)
    {
        int low = 0, high = pairs.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (pairs[middle].Detection < detection)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
