using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval;

/// <summary>Evaluates detections under a protocol: match, accumulate, summarise.</summary>
public static class Evaluator
{
    /// <summary>Evaluates detections against a dataset.</summary>
    /// <param name="dataset">Ground truth, with the parts that the protocol needs (<see cref="Protocol.Parts"/>).</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Protocol and parameters.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and categories.</param>
    /// <exception cref="InvalidInputException">What the reference refuses too, such as a detection on an image that the dataset does not list.</exception>
    public static EvaluationResult Evaluate(Dataset dataset, DetectionTable detections, Protocol protocol, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(protocol);
        var warnings = new Warnings();
        protocol.Validate();
        var input = protocol.Prepare(dataset, detections, warnings, threads, ct);
        return Summarise(Matching.Match(input, threads, ct), dataset, protocol, warnings, threads, ct);
    }

    /// <summary>Evaluates what was matched before, for example in several parts (<see cref="MatchTable.Merge"/>).</summary>
    /// <param name="matches">Matched detections of all images.</param>
    /// <param name="dataset">Ground truth: its categories; its images and objects are not looked at.</param>
    /// <param name="protocol">The protocol under which they were matched.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between categories.</param>
    /// <exception cref="InvalidInputException">A parameter is out of range, or the matches are of other categories, overlap thresholds or area ranges.</exception>
    public static EvaluationResult Evaluate(MatchTable matches, Dataset dataset, Protocol protocol, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(matches);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(protocol);
        protocol.Validate();
        MatchAgreement.Require("Matches", matches.Input, protocol, dataset.Categories);
        return Summarise(matches, dataset, protocol, new(), threads, ct);
    }

    /// <summary>Makes an evaluation of matches.</summary>
    /// <param name="matches">Matched detections of all images.</param>
    /// <param name="dataset">Ground truth: its categories.</param>
    /// <param name="protocol">The protocol under which they were matched.</param>
    /// <param name="warnings">What was found while they were prepared.</param>
    /// <param name="threads">Most threads; -1 for one a core.</param>
    /// <param name="ct">Cancels between categories.</param>
    internal static EvaluationResult Summarise(MatchTable matches, Dataset dataset, Protocol protocol, Warnings warnings, int threads, CancellationToken ct)
    {
        var curves = PrecisionRecall.Accumulate(matches, protocol.RecallThresholds, protocol.MaxDetections, protocol.CurveRule, threads, ct);
        IReadOnlyList<Metric> metrics = [];
        string? noSummary = null;
        try
        {
            metrics = protocol.Headline(matches.Input, dataset);
        }
        catch (NoSummaryException fault)
        {
            noSummary = fault.Message;
        }
        var means = new CurveMeans(curves);
        return new()
        {
            Protocol = protocol,
            Matches = matches,
            Curves = curves,
            Metrics = metrics,
            Summary = [.. metrics.Select(metric => new SummaryNumber(metric.Name, means.Of(metric)))],
            NoSummary = noSummary,
            PerCategory = [.. curves.CategoryIds.Select((id, k) => new CategorySummary(
                id, means.CategoryPrecision(k, null), means.CategoryPrecision(k, 0.5), means.CategoryPrecision(k, 0.75), means.CategoryRecall(k)))],
            Warnings = [.. warnings.Texts, .. protocol.WarningsOf(matches.Input)],
        };
    }
}
