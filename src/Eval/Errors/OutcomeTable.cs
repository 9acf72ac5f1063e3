using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>
/// What an evaluation made of each detection at one overlap, for its first size and largest detection limit: categories apart, as the protocol matches them.
/// </summary>
internal sealed class OutcomeTable
{
    private OutcomeTable(MatchTable matches, int threshold, Protocol protocol)
    {
        (Matches, Outcomes) = (matches.Input, matches.Outcomes(area: 0, threshold));
        if (protocol.CurveRule.LimitsPerCategory)
            IgnoreBeyond(protocol.MaxDetections.Max());
    }

    /// <summary>What was matched.</summary>
    public MatchInput Matches { get; }

    /// <summary>Outcome of each detection, by position. [D]</summary>
    public Outcome[] Outcomes { get; }

    /// <summary>Takes the outcomes from an evaluation; matches again where it was made at other overlaps.</summary>
    public static OutcomeTable At(
        double iouThreshold, EvaluationResult evaluation, Dataset dataset, DetectionTable detections, int threads, CancellationToken ct)
    {
        var (matches, protocol) = (evaluation.Matches, evaluation.Protocol);
        var threshold = Array.IndexOf(matches.Input.IouThresholds, iouThreshold);
        if (threshold >= 0)
            return new(matches, threshold, protocol);
        return Match(iouThreshold, protocol, dataset, detections, threads, ct);
    }

    /// <summary>Matches at one overlap alone.</summary>
    public static OutcomeTable Match(double iouThreshold, Protocol protocol, Dataset dataset, DetectionTable detections, int threads, CancellationToken ct)
    {
        var one = protocol with { IouThresholds = [iouThreshold], AreaRanges = [protocol.AreaRanges[0]] };
        return new(Matching.Match(one.Prepare(dataset, detections, new(), threads, ct), threads, ct), 0, protocol);
    }

    /// <summary>Number of objects of a group that somebody has to find.</summary>
    public int Objects(PairGroup group)
    {
        var count = 0;
        for (var g = group.GroundTruthStart; g < group.GroundTruthStart + group.GroundTruthCount; g++)
            count += Matches.Ignores(g, Matches.AreaRanges[0]) ? 0 : 1;
        return count;
    }

    /// <summary>Leaves out what is beyond a limit for each category over all images: an evaluation that was merged of parts holds more.</summary>
    private void IgnoreBeyond(int limit)
    {
        var sorter = new ScoreOrder();
        foreach (var category in Matches.Groups.GroupBy(group => group.Category))
        {
            var (first, count) = (category.First().DetectionStart, category.Sum(group => group.DetectionCount));
            if (count <= limit)
                continue;
            foreach (var place in sorter.Sort(Matches.Scores.AsSpan(first, count))[limit..])
                Outcomes[first + place] = Outcome.Ignored;
        }
    }
}
