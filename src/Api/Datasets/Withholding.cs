using System.Text.Json;
using Serve.Api.Access;
using Serve.Api.Comparisons;
using Serve.Api.Datasets.Pictures;
using Serve.Api.Datasets.Storage;
using Serve.Api.Evaluation;
using Serve.Api.Evaluation.Gallery;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;

namespace Serve.Api.Datasets;

/// <summary>
/// Decides what a caller is told of what was derived from a dataset's annotations. Where they are private, everybody but the dataset's owner and administrators sees
/// headline numbers, numbers per category and size, and intervals: no counts of objects, nothing about single images, objects or detections, and no text that may
/// quote annotations. Every answer that holds anything derived from annotations passes through here, and lists what it lacks.
/// </summary>
/// <remarks>
/// Pictures, image ids, and categories are public. Curves are withheld whole: with the order of one's own detections, the precision at a recall tells
/// which of them were right. Numbers still tell something to whoever may ask for many; that is for quotas to limit.
/// </remarks>
internal sealed class Withholding
{
    private readonly string? _dataset;

    private Withholding(string? dataset) => _dataset = dataset;

    /// <summary>Everything is told.</summary>
    public static Withholding Nothing { get; } = new(null);

    /// <summary>What is withheld from a caller of what was derived from a dataset.</summary>
    public static Withholding Of(DatasetRow dataset, Caller caller) => Of(dataset.Name, dataset.Visibility, dataset.Owner, caller);

    /// <summary>What is withheld from a caller of what was derived from a dataset of a visibility and owner.</summary>
    public static Withholding Of(string dataset, DatasetVisibility visibility, string? owner, Caller caller)
        => visibility == DatasetVisibility.Public || caller.Owns(owner) ? Nothing : new(dataset);

    /// <summary>True when something is withheld.</summary>
    public bool IsPartial => _dataset is not null;

    /// <summary>A report.</summary>
    /// <param name="report">All of it.</param>
    /// <param name="images">Images of the split: fewer were evaluated where a protocol leaves out those without objects, which must not be told.</param>
    public EvaluationReport Report(EvaluationReport report, int images) => !IsPartial ? report : report with
    {
        Images = images,
        // How many detections take part depends on which categories were looked for on an image, under LVIS.
        GroundTruths = null,
        Detections = null,
        PerCategory = [.. report.PerCategory.Select(category => category with { Objects = null })],
        Curves = [],
        Errors = null,
        Warnings = [],
        Parameters = report.Parameters with { ImageIds = null },
        Intervals = report.Intervals is { } intervals ? intervals with { Images = images, Estimates = [.. intervals.Estimates.Select(Estimate)] } : null,
        Scales = report.Scales is { } scales ? scales with { Images = images, Warnings = [] } : null,
        Withheld = ["groundTruths", "detections", "perCategory.objects", "curves", "errors", "warnings", .. report.Intervals is null ? [] : new[] { "intervals.estimates.resamples" }],
    };

    /// <summary>An evaluation.</summary>
    public EvaluationDocument Evaluation(EvaluationDocument evaluation) => !IsPartial ? evaluation : evaluation with
    {
        Error = Text(evaluation.Error),
        Withheld = evaluation.Error is null ? [] : ["error"],
    };

    /// <summary>An evaluation's event.</summary>
    public EvaluationEvent Event(EvaluationEvent happened) => !IsPartial ? happened : happened with
    {
        Error = Text(happened.Error),
        Retry = happened.Retry is { } retry ? retry with { Cause = Text(retry.Cause)! } : null,
    };

    /// <summary>A comparison of evaluations.</summary>
    /// <param name="comparison">All of it.</param>
    /// <param name="images">Images of the split, as for <see cref="Report"/>.</param>
    public ComparisonDocument Comparison(ComparisonDocument comparison, int images) => !IsPartial ? comparison : comparison with
    {
        Comparison = comparison.Comparison is { } numbers
            ? JsonDocument.Parse(Numbers(Eval.Statistics.Comparison.FromJson(numbers.GetRawText()), images).ToJson()).RootElement
            : null,
        Images = null,
        Withheld = ["comparison.warnings", "comparison.numbers.resamples", "images"],
    };

    /// <summary>A text that may quote annotations.</summary>
    public string? Text(string? text)
        => IsPartial && text is not null ? $"What went wrong is withheld, because the annotations of the dataset \"{_dataset}\" are private; its owner can read it." : text;

    /// <summary>A dataset.</summary>
    public DatasetSummary Dataset(DatasetSummary dataset) => !IsPartial ? dataset : dataset with
    {
        Splits = Splits(dataset.Splits),
        Checks = null,
        Withheld = ["splits.annotations", "splits.fault", "checks"],
    };

    /// <summary>A dataset's versions.</summary>
    public DatasetVersionList Versions(DatasetVersionList list) => !IsPartial ? list : list with
    {
        Versions = [.. list.Versions.Select(version => version with { Splits = Splits(version.Splits), Checks = null })],
        Withheld = ["versions.splits.annotations", "versions.splits.fault", "versions.checks"],
    };

    /// <summary>The answer in place of a dataset's statistics, which are all about its annotations; null where they are told.</summary>
    public DatasetStatistics? InPlaceOfStatistics(string name, int version) => IsPartial ? new DatasetStatistics(name, version, [], ["splits"]) : null;

    /// <summary>Images of a dataset, which are public, with their annotations, which are not.</summary>
    public DatasetImageList Images(DatasetImageList list) => !IsPartial ? list : list with
    {
        Images = [.. list.Images.Select(image => image with { Annotations = null })],
        Withheld = ["images.annotations"],
    };

    /// <summary>The answer in place of an evaluation's gallery, which is all about single objects; null where they are told.</summary>
    public GalleryDocument? InPlaceOfGallery(GalleryDocument asked) => IsPartial ? asked with { Withheld = ["images", "total", "iouThreshold", "scoreThreshold"] } : null;

    private static Eval.Statistics.Comparison Numbers(Eval.Statistics.Comparison comparison, int images) => comparison with
    {
        Images = images,
        Warnings = [],
        Numbers =
        [
            .. comparison.Numbers.Select(number => number with
            {
                Results = [.. number.Results.Select(result => result with { Estimate = Estimate(result.Estimate) })],
                Differences = [.. number.Differences.Select(pair => pair with { Difference = Estimate(pair.Difference) })],
            }),
        ],
    };

    // Which images are drawn in a resample is known: how many of them have objects of a category tells which images have.
    private static Estimate Estimate(Estimate estimate) => estimate with { Resamples = null };

    private IReadOnlyList<SplitSummary> Splits(IReadOnlyList<SplitSummary> splits)
        => [.. splits.Select(split => split with { Annotations = null, Fault = Text(split.Fault) })];
}
