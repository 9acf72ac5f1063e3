using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Evaluates detections under the COCO protocol: match, accumulate, summarise.</summary>
public static class CocoEvaluator
{
    /// <summary>Evaluates detections against a dataset.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Parameters.</param>
    /// <param name="ct">Cancels between images and categories.</param>
    /// <exception cref="InvalidInputException">What the reference refuses too, such as a detection on an image that the dataset does not list.</exception>
    public static CocoEvaluation Evaluate(Dataset dataset, DetectionTable detections, CocoProtocol protocol, CancellationToken ct = default)
        => Evaluate(dataset, detections, protocol, keepPairs: false, threads: -1, ct);

    /// <summary>Evaluates detections against a dataset.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Parameters.</param>
    /// <param name="keepPairs">Keep who matches whom (see <see cref="Matching.Match"/>).</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and categories.</param>
    /// <exception cref="InvalidInputException">What the reference refuses too, such as a detection on an image that the dataset does not list.</exception>
    public static CocoEvaluation Evaluate(Dataset dataset, DetectionTable detections, CocoProtocol protocol, bool keepPairs, int threads, CancellationToken ct = default)
    {
        var input = CocoInput.From(dataset, detections, protocol, threads, ct);
        var matches = Matching.Match(input, keepPairs, threads, ct);
        var curves = PrecisionRecall.Accumulate(matches, protocol.RecallThresholds, [.. protocol.MaxDetections.Order()], threads, ct);
        var means = new CurveMeans(curves);
        var perCategory = curves.CategoryIds.Select((id, k) => new CategorySummary(
            id, means.CategoryPrecision(k, null), means.CategoryPrecision(k, 0.5), means.CategoryPrecision(k, 0.75), means.CategoryRecall(k)));
        return new(protocol, matches, curves, CocoSummary.From(curves), [.. perCategory]);
    }
}
