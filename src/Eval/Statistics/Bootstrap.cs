using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>The numbers of one result with intervals.</summary>
public sealed record BootstrapResult
{
    /// <summary>How they were made.</summary>
    public required StatisticsOptions Options { get; init; }

    /// <summary>Images that were resampled.</summary>
    public required int Images { get; init; }

    /// <summary>The numbers of the summary in its order, then those of categories where they were asked for.</summary>
    public required IReadOnlyList<Estimate> Estimates { get; init; }

    /// <summary>A number of the summary.</summary>
    /// <exception cref="KeyNotFoundException">There is no such number; the message lists those there are.</exception>
    public Estimate this[string name] => Estimates.FirstOrDefault(estimate => estimate.CategoryId is null && estimate.Name == name)
        ?? throw new KeyNotFoundException($"There is no number \"{name}\"; there are {string.Join(", ", Estimates.Where(estimate => estimate.CategoryId is null).Select(estimate => estimate.Name))}.");
}

/// <summary>
/// Intervals for the numbers of an evaluation by resampling its images. Images are taken as drawn independently from all images of the kind; nothing is assumed
/// of what is on one image.
/// </summary>
/// <remarks>
/// A resample draws as many images as there are, with replacement; its numbers are those of a dataset with the drawn images as often as they were drawn (copies of
/// an image side by side), to the last digits. Detections are matched once, before. Efron, Tibshirani, "An Introduction to the Bootstrap", 1993.
/// </remarks>
public static class Bootstrap
{
    /// <summary>Resamples an evaluation.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="options">How often, which interval; null for the defaults.</param>
    /// <param name="categories">Categories whose average precision is resampled too; null for none.</param>
    /// <param name="progress">Told the part that is done, 0 to 1, by any thread.</param>
    /// <param name="ct">Cancels between blocks of resamples.</param>
    /// <exception cref="InvalidInputException">An option is out of range, or there is no image or no number to resample.</exception>
    public static BootstrapResult Run(
        EvaluationResult evaluation, StatisticsOptions? options = null, IReadOnlyList<Category>? categories = null, IProgress<double>? progress = null, CancellationToken ct = default)
        => Run(evaluation, number: null, options, categories, progress, ct).Result;

    /// <summary>Resamples an evaluation, and keeps the values of the number by which results are ranked (<see cref="Protocol.HeadlineNumber"/>).</summary>
    /// <inheritdoc cref="Run(EvaluationResult, StatisticsOptions?, IReadOnlyList{Category}?, IProgress{double}?, CancellationToken)"/>
    /// <returns>All numbers with intervals; and the samples, null where the evaluation has no such number.</returns>
    public static (BootstrapResult Result, NumberSamples? Headline) RunForRanks(
        EvaluationResult evaluation, StatisticsOptions? options = null, IReadOnlyList<Category>? categories = null, IProgress<double>? progress = null, CancellationToken ct = default)
        => Run(evaluation, evaluation?.Protocol.HeadlineNumber, options, categories, progress, ct);

    /// <summary>Whether there is anything to resample: an image, and a number.</summary>
    public static bool AppliesTo(EvaluationResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return evaluation.Matches.Input.ImageIds.Length > 0 && evaluation.Metrics.Count > 0;
    }

    private static (BootstrapResult Result, NumberSamples? Kept) Run(
        EvaluationResult? evaluation, string? number, StatisticsOptions? options, IReadOnlyList<Category>? categories, IProgress<double>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        options ??= new();
        options.Validate();
        var images = evaluation.Matches.Input.ImageIds.Length;
        if (images == 0)
            throw new InvalidInputException("There is no image to resample.");
        var measured = Measured.Of(evaluation, categories);
        var samples = Samples.Draw(evaluation, measured, options, new(Samples.Work(images, options), progress), ct);
        var estimates = Estimates(evaluation, measured, samples, options);
        var at = estimates.ToList().FindIndex(estimate => estimate.CategoryId is null && estimate.Name == number);
        var kept = at >= 0 && estimates[at].Value is { } value ? new NumberSamples(value, samples.Point[at], samples.Resampled[at]) : null;
        return (new() { Options = options, Images = images, Estimates = estimates }, kept);
    }

    /// <summary>The numbers of a result with intervals from its samples.</summary>
    internal static IReadOnlyList<Estimate> Estimates(EvaluationResult evaluation, IReadOnlyList<Measured> measured, Samples samples, StatisticsOptions options)
    {
        var means = new CurveMeans(evaluation.Curves);
        return [.. measured.Select((number, i) => Estimate.Of(number, means.Of(number.Metric), samples.Point[i], samples.Resampled[i], samples.Deleted[i], options))];
    }
}
