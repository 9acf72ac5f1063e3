using Serve.Eval.Datasets;

namespace Serve.Eval.Errors;

/// <summary>
/// Says what is wrong with detections: what each kind of error costs, what is taken for what, which score to ask for, which images are the worst.
/// </summary>
public static class ErrorAnalysis
{
    /// <summary>Analyses the errors of an evaluation.</summary>
    /// <param name="dataset">Ground truth, as it was evaluated.</param>
    /// <param name="detections">Detections, as they were evaluated; none is allowed.</param>
    /// <param name="evaluation">
    /// The evaluation; where it was merged of parts, the dataset and the detections are those of all parts. Curves and the numbers of single images are for its
    /// first area range; an overlap threshold that it does not have is matched again.
    /// </param>
    /// <param name="options">What to look at; null for the defaults.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and between categories.</param>
    /// <exception cref="InvalidInputException">An option is out of range, or an evaluation would refuse the input.</exception>
    public static ErrorReport Run(
        Dataset dataset, DetectionTable detections, EvaluationResult evaluation, ErrorOptions? options = null, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(evaluation);
        options ??= new();
        options.Validate();
        var (protocol, names) = (evaluation.Protocol, new CategoryNames(dataset, evaluation.Protocol));
        var table = OutcomeTable.At(options.IouThreshold, evaluation, dataset, detections, threads, ct);
        var curves = ScoreCurves.Of(table, threads, ct);
        var score = options.ScoreThreshold ?? curves.Best?.Threshold ?? 0;
        var images = ImageErrors.Of(table, dataset, score);

        // Objects of other categories matter here, so that all of an image are compared with each other, once for both.
        var pool = ImagePool.Of(dataset, detections, protocol, options, threads, ct);
        var lowest = Math.Min(options.BackgroundThreshold, TakenObjects.Enough(options.IouThreshold));
        var overlaps = PooledOverlaps.Find(pool.Input, lowest, threads, ct);
        return new()
        {
            Protocol = protocol.Name,
            IouThreshold = options.IouThreshold,
            ScoreThreshold = score,
            Breakdown = TideBreakdown.Of(pool, overlaps, names, options.LimitOf(protocol), options, threads, ct),
            Confusion = new ConfusionCounter(pool, overlaps, options.IouThreshold, score).Count(names, threads, ct),
            Overall = curves.Overall(score, options.CurveColumns),
            Categories = curves.Categories(names, score, options.CurveColumns, threads, ct),
            Images = images,
            WorstBy = options.WorstBy,
            Worst = ImageErrors.Worst(images, options.WorstBy, options.WorstImages),
        };
    }
}
