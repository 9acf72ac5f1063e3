using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>
/// What an evaluation made of each detection at one overlap, for its first size and largest detection limit: categories apart, as the protocol matches them.
/// </summary>
internal sealed class OutcomeTable
{
    private OutcomeTable(MatchTable matches, int threshold) => (Matches, Outcomes) = (matches.Input, matches.Outcomes(area: 0, threshold));

    /// <summary>What was matched.</summary>
    public MatchInput Matches { get; }

    /// <summary>Outcome of each detection, by position. [D]</summary>
    public Outcome[] Outcomes { get; }

    /// <summary>Takes the outcomes from an evaluation; matches again where it was made at other overlaps.</summary>
    public static OutcomeTable At(MatchTable matches, double iouThreshold, int threads, CancellationToken ct)
    {
        var threshold = Array.IndexOf(matches.Input.IouThresholds, iouThreshold);
        return threshold >= 0 ? new(matches, threshold) : new(Matching.Match(With(matches.Input, iouThreshold), threads, ct), 0);
    }

    /// <summary>Number of objects of a group that somebody has to find.</summary>
    public int Objects(PairGroup group)
    {
        var count = 0;
        for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
            count += Matches.Ignores(g, Matches.AreaRanges[0]) ? 0 : 1;
        return count;
    }

    private static MatchInput With(MatchInput input, double iouThreshold) => new()
    {
        ImageIds = input.ImageIds,
        CategoryIds = input.CategoryIds,
        Groups = input.Groups,
        DetectionRows = input.DetectionRows,
        Scores = input.Scores,
        DetectionAreas = input.DetectionAreas,
        IsIgnoredUnmatched = input.IsIgnoredUnmatched,
        GroundTruthRows = input.GroundTruthRows,
        GroundTruthAreas = input.GroundTruthAreas,
        IsCrowd = input.IsCrowd,
        IsIgnored = input.IsIgnored,
        HasZeroId = input.HasZeroId,
        Overlap = input.Overlap,
        Assignment = input.Assignment,
        IouThresholds = [iouThreshold],
        AreaRanges = [input.AreaRanges[0]],
    };
}
