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

/// <summary>Result of matching, per area range, threshold and detection. Groups are independent of each other.</summary>
public sealed class MatchTable
{
    private readonly Outcome[][] outcomes;
    private readonly int[][]? detectionMatches;
    private readonly int[][]? groundTruthMatches;

    internal MatchTable(MatchInput input, bool keepPairs)
    {
        Input = input;
        var (tables, detections, groundTruths) = (input.AreaRanges.Length * input.IouThresholds.Length, input.Scores.Length, input.GroundTruthRows.Length);
        outcomes = Tables<Outcome>(tables, detections);
        detectionMatches = keepPairs ? Tables<int>(tables, detections) : null;
        groundTruthMatches = keepPairs ? Tables<int>(tables, groundTruths) : null;
    }

    /// <summary>What was matched.</summary>
    public MatchInput Input { get; }

    /// <summary>Outcome of every detection position. [D]</summary>
    public ReadOnlySpan<Outcome> Outcomes(int area, int threshold) => outcomes[TableOf(area, threshold)];

    /// <summary>For every detection position, the position of the ground truth it matches, or -1. [D] Only where pairs were kept.</summary>
    public ReadOnlySpan<int> DetectionMatches(int area, int threshold) => Pairs(detectionMatches)[TableOf(area, threshold)];

    /// <summary>For every ground truth position, the position of the (last) detection that matches it, or -1. [G] Only where pairs were kept.</summary>
    public ReadOnlySpan<int> GroundTruthMatches(int area, int threshold) => Pairs(groundTruthMatches)[TableOf(area, threshold)];

    /// <summary>Where the outcomes of a group's detections are written.</summary>
    internal Span<Outcome> OutcomesOf(PairGroup group, int area, int threshold)
        => outcomes[TableOf(area, threshold)].AsSpan(group.DetectionStart, group.DetectionCount);

    /// <summary>Where the matches of a group's detections are written; empty where pairs are not kept.</summary>
    internal Span<int> DetectionMatchesOf(PairGroup group, int area, int threshold)
        => detectionMatches is null ? [] : detectionMatches[TableOf(area, threshold)].AsSpan(group.DetectionStart, group.DetectionCount);

    /// <summary>Where the matches of a group's ground truths are written; empty where pairs are not kept.</summary>
    internal Span<int> GroundTruthMatchesOf(PairGroup group, int area, int threshold)
        => groundTruthMatches is null ? [] : groundTruthMatches[TableOf(area, threshold)].AsSpan(group.GroundTruthStart, group.GroundTruthCount);

    private int TableOf(int area, int threshold) => (area * Input.IouThresholds.Length) + threshold;

    private static T[][] Tables<T>(int count, int length)
    {
        var tables = new T[count][];
        for (var i = 0; i < count; i++)
            tables[i] = new T[length];
        return tables;
    }

    private static int[][] Pairs(int[][]? pairs)
        => pairs ?? throw new InvalidOperationException($"The pairs were not kept; pass keepPairs: true to {nameof(Matching)}.{nameof(Matching.Match)}.");
}
