using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Profiles;

namespace Serve.Api.Datasets;

/// <summary>The datasets of this server.</summary>
/// <param name="Datasets">By name.</param>
public sealed record DatasetList(IReadOnlyList<DatasetSummary> Datasets);

/// <summary>One dataset, in its current version.</summary>
public sealed record DatasetSummary
{
    /// <summary>Name of the dataset.</summary>
    public required string Name { get; init; }

    /// <summary>Number of the current version, from 1.</summary>
    public required int Version { get; init; }

    /// <summary>Hash of the current version's files; the same files have the same, whatever archive they came in.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Who sees what is derived from its annotations: `public` for everyone, `private` for its owner and administrators.</summary>
    public required DatasetVisibility Visibility { get; init; }

    /// <summary>Where the current version came from: `folder` (the server's data folder), `upload`, or `path` (a folder of the server).</summary>
    public required DatasetOrigin Source { get; init; }

    /// <summary>Name of who registered it; null for one of the data folder.</summary>
    public string? Owner { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }

    /// <summary>When the current version came.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its splits, by name.</summary>
    public required IReadOnlyList<SplitSummary> Splits { get; init; }

    /// <summary>What its check found when it was sent; null where it was not checked, and where it is withheld.</summary>
    public CheckSummary? Checks { get; init; }

    /// <summary>What is not told because the annotations are private; empty when all is told.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];
}

/// <summary>One split of a dataset.</summary>
/// <param name="Name">Name of the split: <c>train</c>, <c>val</c>, <c>test</c>, or <c>all</c> when there is one.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Annotations">Number of annotated objects; null where it is withheld.</param>
/// <param name="Categories">Names of the categories, in file order.</param>
/// <param name="ContentHash">SHA-256 of the annotation file, lower-case hexadecimal.</param>
/// <param name="Fault">Why the split cannot be read; null when it can.</param>
public sealed record SplitSummary(string Name, int Images, int? Annotations, IReadOnlyList<string> Categories, string? ContentHash, string? Fault)
{
    internal static SplitSummary Of(string name, Dataset dataset) => new(
        name, dataset.Images.Count, dataset.GroundTruths.Count, [.. dataset.Categories.Select(category => category.Name)], dataset.ContentHash, null);
}

/// <summary>The versions of a dataset.</summary>
/// <param name="Name">Name of the dataset.</param>
/// <param name="Versions">The newest first.</param>
/// <param name="Withheld">What is not told because the annotations are private; empty when all is told.</param>
public sealed record DatasetVersionList(string Name, IReadOnlyList<DatasetVersion> Versions, IReadOnlyList<string> Withheld);

/// <summary>A state of a dataset's files.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="ContentHash">Hash of its files.</param>
/// <param name="IsCurrent">Whether it is meant where no version is named.</param>
/// <param name="Source">Where it came from: `folder`, `upload` or `path`.</param>
/// <param name="Format">The format that it was read from.</param>
/// <param name="CreatedAt">When it came.</param>
/// <param name="CreatedBy">Name of who sent it; null where the server found it.</param>
/// <param name="Splits">Its splits, by name.</param>
/// <param name="Checks">What its check found; null where it was not checked, and where it is withheld.</param>
public sealed record DatasetVersion(
    int Version, string ContentHash, bool IsCurrent, DatasetOrigin Source, string Format, DateTimeOffset CreatedAt, string? CreatedBy, IReadOnlyList<SplitSummary> Splits,
    CheckSummary? Checks);

/// <summary>What the check of a dataset found. A dataset with errors is refused, so there are none.</summary>
/// <param name="Warnings">Number of warnings: it can be used, but numbers made with it may surprise.</param>
/// <param name="Information">Number of findings that are worth knowing, with which nothing is wrong.</param>
/// <param name="Findings">What was found, a kind each, warnings first.</param>
public sealed record CheckSummary(long Warnings, long Information, IReadOnlyList<CheckedKind> Findings);

/// <summary>All findings of a kind.</summary>
/// <param name="Kind">Its short name.</param>
/// <param name="Severity">`error`, `warning` or `information`.</param>
/// <param name="Title">What it is, and what it does to an evaluation.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Examples">The first few.</param>
public sealed record CheckedKind(string Kind, string Severity, string Title, long Count, IReadOnlyList<DatasetProblem> Examples);

/// <summary>A problem of a dataset.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="File">The file, below the dataset's folder; of an archive's faults the entry.</param>
/// <param name="Record">The record in the file: `annotation #3 (id 7)`, `line 2`; empty where the whole file is meant.</param>
/// <param name="Field">The field; empty where the whole record is meant.</param>
/// <param name="Fault">What is wrong, and what is allowed.</param>
public sealed record DatasetProblem(string Kind, string File, string Record, string Field, string Fault)
{
    internal static DatasetProblem Of(Fault fault) => new(fault.Kind.Code, fault.Place.File, fault.Place.Record, fault.Field, fault.Text);
}

/// <summary>What a dataset holds.</summary>
/// <param name="Name">Name of the dataset.</param>
/// <param name="Version">Number of its current version.</param>
/// <param name="Splits">Its splits, by name; empty where they are withheld.</param>
/// <param name="Withheld">What is not told because the annotations are private; empty when all is told.</param>
public sealed record DatasetStatistics(string Name, int Version, IReadOnlyList<SplitStatistics> Splits, IReadOnlyList<string> Withheld);

/// <summary>What a split holds: counts, and how large its objects are. Crowd regions count as objects, but not in what is about sizes.</summary>
public sealed record SplitStatistics
{
    /// <summary>Name of the split.</summary>
    public required string Name { get; init; }

    /// <summary>Why the split cannot be read; null when it can.</summary>
    public string? Fault { get; init; }

    /// <summary>Images.</summary>
    public int Images { get; init; }

    /// <summary>Images without objects.</summary>
    public int EmptyImages { get; init; }

    /// <summary>Annotated objects, crowds among them.</summary>
    public int Objects { get; init; }

    /// <summary>Crowd regions.</summary>
    public int Crowds { get; init; }

    /// <summary>Objects that nobody has to find.</summary>
    public int Ignored { get; init; }

    /// <summary>Objects with a mask.</summary>
    public int Masks { get; init; }

    /// <summary>Objects with keypoints.</summary>
    public int WithKeypoints { get; init; }

    /// <summary>Objects an image.</summary>
    public ObjectsPerImage? ObjectsPerImage { get; init; }

    /// <summary>Objects of at most 32 x 32 square pixels.</summary>
    public int Small { get; init; }

    /// <summary>Objects above small, of at most 96 x 96 square pixels.</summary>
    public int Medium { get; init; }

    /// <summary>Objects above medium.</summary>
    public int Large { get; init; }

    /// <summary>The square root of the object's area over the image's.</summary>
    public IReadOnlyList<ScaleBin> RelativeScale { get; init; } = [];

    /// <summary>The square root of the object's area, in pixels.</summary>
    public IReadOnlyList<ScaleBin> AbsoluteScale { get; init; } = [];

    /// <summary>The box's width over its height.</summary>
    public IReadOnlyList<ScaleBin> Aspect { get; init; } = [];

    /// <summary>How often each category occurs, in the order of the dataset.</summary>
    public IReadOnlyList<CategoryCount> Categories { get; init; } = [];

    internal static SplitStatistics Of(DatasetProfile profile) => new()
    {
        Name = profile.Name,
        Images = profile.Images,
        EmptyImages = profile.EmptyImages,
        Objects = profile.Objects,
        Crowds = profile.Crowds,
        Ignored = profile.Ignored,
        Masks = profile.Masks,
        WithKeypoints = profile.WithKeypoints,
        ObjectsPerImage = profile.PerImage,
        Small = profile.Small,
        Medium = profile.Medium,
        Large = profile.Large,
        RelativeScale = ScaleBin.Of(profile.RelativeScale),
        AbsoluteScale = ScaleBin.Of(profile.AbsoluteScale),
        Aspect = ScaleBin.Of(profile.Aspect),
        Categories = profile.Categories,
    };
}

/// <summary>How many values lie in a range.</summary>
/// <param name="From">The smallest value in it.</param>
/// <param name="To">The smallest value above it; null for none.</param>
/// <param name="Count">Values in it.</param>
public sealed record ScaleBin(double From, double? To, int Count)
{
    internal static IReadOnlyList<ScaleBin> Of(Histogram histogram)
    {
        var edges = histogram.Axis.Edges;
        return [.. histogram.Counts.Select((count, bin) => new ScaleBin(bin == 0 ? 0 : edges[bin - 1], bin == edges.Count ? null : edges[bin], count))];
    }
}

/// <summary>Registers a folder of the server as a dataset.</summary>
public sealed record DatasetRequest
{
    /// <summary>Name of the dataset.</summary>
    public string? Name { get; init; }

    /// <summary>The folder: whole, or below one of those that the server's operator allows.</summary>
    public string? Path { get; init; }

    /// <summary>Its format: `coco`, `voc`, `yolo`, `manga109` or `waymo`; without it told from what is there.</summary>
    public string? Format { get; init; }

    /// <summary>`public` or `private`; without it as it is, and `private` for a new one.</summary>
    public string? Visibility { get; init; }

    /// <summary>A text about it; without it as it is.</summary>
    public string? Description { get; init; }
}

/// <summary>Changes a dataset; what is left out stays as it is.</summary>
public sealed record DatasetChange
{
    /// <summary>`public` or `private`.</summary>
    public string? Visibility { get; init; }

    /// <summary>A text about it.</summary>
    public string? Description { get; init; }
}
