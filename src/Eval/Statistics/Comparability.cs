using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>Whether results are of the same images and ground truth under the same parameters.</summary>
internal static class Comparability
{
    /// <summary>Refuses what cannot be compared.</summary>
    /// <exception cref="InvalidInputException">Fewer than two results, a name twice, no image, or results that differ in more than their detections.</exception>
    public static void Require(IReadOnlyList<NamedResult> results)
    {
        if (results.Count < 2)
            throw new InvalidInputException($"A comparison needs at least two results; there {(results.Count == 1 ? "is 1" : "are 0")}.");
        var twice = results.GroupBy(result => result.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InvalidInputException($"Two results are called \"{twice.Key}\"; each needs a name of its own.");
        var first = results[0];
        if (first.Evaluation.Matches.Input.ImageIds.Length == 0)
            throw new InvalidInputException("There is no image to resample.");
        foreach (var other in results.Skip(1))
        {
            if (Differing(first.Evaluation, other.Evaluation) is { } what)
                throw new InvalidInputException($"\"{first.Name}\" and \"{other.Name}\" differ in {what}; results can be compared on the same dataset under the same protocol and parameters.");
        }
    }

    private static string? Differing(EvaluationResult a, EvaluationResult b)
    {
        var (left, right) = (a.Matches.Input, b.Matches.Input);
        if (a.Protocol.Name != b.Protocol.Name)
            return "the protocol";
        if (!left.ImageIds.SequenceEqual(right.ImageIds))
            return "the evaluated images";
        if (!left.CategoryIds.SequenceEqual(right.CategoryIds))
            return "the evaluated categories";
        if (!left.IouThresholds.SequenceEqual(right.IouThresholds) || !left.AreaRanges.SequenceEqual(right.AreaRanges))
            return "overlap thresholds or area ranges";
        if (!a.Curves.MaxDetections.SequenceEqual(b.Curves.MaxDetections) || !a.Curves.RecallThresholds.SequenceEqual(b.Curves.RecallThresholds) || a.Curves.Rule != b.Curves.Rule)
            return "detection limits or recall thresholds";
        if (!SameGroundTruth(left, right))
            return "the ground truth";
        return a.Metrics.Select(metric => metric.Name).SequenceEqual(b.Metrics.Select(metric => metric.Name)) ? null : "the numbers of the summary";
    }

    private static bool SameGroundTruth(MatchInput a, MatchInput b)
        => a.GroundTruthRows.AsSpan().SequenceEqual(b.GroundTruthRows) && a.GroundTruthAreas.AsSpan().SequenceEqual(b.GroundTruthAreas)
            && a.IsIgnored.AsSpan().SequenceEqual(b.IsIgnored);
}
