using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>A number whose spread is estimated.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CategoryId">The category that it is of; null for a number of the summary.</param>
/// <param name="Metric">What it is.</param>
internal sealed record Measured(string Name, long? CategoryId, Metric Metric)
{
    /// <summary>The numbers of an evaluation.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="categories">Categories whose average precision (first area range, largest limit) is wanted too; null for none.</param>
    /// <exception cref="InvalidInputException">There is none, or a category is not evaluated.</exception>
    public static IReadOnlyList<Measured> Of(EvaluationResult evaluation, IReadOnlyList<Category>? categories)
    {
        var measured = evaluation.Metrics.Select(metric => new Measured(metric.Name, null, metric)).ToList();
        foreach (var category in categories ?? [])
        {
            var index = Array.IndexOf(evaluation.Curves.CategoryIds, category.Id);
            if (index < 0)
                throw new InvalidInputException($"Category {category.Id} (\"{category.Name}\") is not evaluated; its average precision cannot be resampled.");
            measured.Add(new($"AP of {category.Name}", category.Id, new("AP", Measure.Precision) { AreaRange = evaluation.Curves.AreaRanges[0].Name, Categories = [index] }));
        }
        if (measured.Count == 0)
            throw new InvalidInputException($"There is no number to resample: {evaluation.NoSummary ?? "the summary is empty"}.");
        return measured;
    }
}

/// <summary>Values of numbers in resamples of one result.</summary>
/// <param name="Point">Of the images as they are. [metrics]</param>
/// <param name="Resampled">In each resample. [metrics][resamples]</param>
/// <param name="Deleted">Without each group of images. [metrics][groups]</param>
internal sealed record Samples(double[] Point, double[][] Resampled, double[][] Deleted)
{
    /// <summary>Draws them.</summary>
    public static Samples Draw(EvaluationResult evaluation, IReadOnlyList<Measured> measured, StatisticsOptions options, WorkDone progress, CancellationToken ct)
    {
        var images = evaluation.Matches.Input.ImageIds.Length;
        var draws = new BootstrapDraws(images, options.Resamples, options.Seed);
        var plan = ResamplePlan.Of(
            [evaluation.Matches], evaluation.Curves, [.. measured.Select(number => number.Metric)], draws.Highest(options.Threads, ct), options.Threads, ct);
        var resampled = Resampling.Run(plan, draws, options.Threads, progress, ct);
        var deleted = Resampling.Run(plan, new GroupDeletions(images, Groups(images, options)), options.Threads, progress, ct);
        return new(Array.ConvertAll(deleted, values => values[0]), resampled, Array.ConvertAll(deleted, values => values[1..]));
    }

    /// <summary>How many weightings that takes.</summary>
    public static int Work(int images, StatisticsOptions options) => options.Resamples + Groups(images, options) + 1;

    private static int Groups(int images, StatisticsOptions options) => Math.Min(images, options.JackknifeGroups);
}
