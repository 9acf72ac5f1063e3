using Serve.Eval.Datasets;

namespace Serve.Eval.Profiles;

/// <summary>How often a category occurs.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Objects">Objects, crowds among them.</param>
/// <param name="Images">Images that hold one or more.</param>
/// <param name="Crowds">Crowd regions.</param>
public sealed record CategoryCount(long Id, string Name, int Objects, int Images, int Crowds);

/// <summary>How many objects an image has, over all images.</summary>
/// <param name="Fewest">The fewest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Median">The median.</param>
/// <param name="Most">The most.</param>
public sealed record ObjectsPerImage(int Fewest, double Mean, double Median, int Most);

/// <summary>What a split holds: counts, and how large its objects are.</summary>
/// <remarks>
/// Crowd regions count as objects, but their sizes say nothing and are left out of all that is about sizes. Sizes are from the annotation's area (that of
/// the mask where there is one), as evaluators take them.
/// </remarks>
public sealed record DatasetProfile
{
    private const double SmallArea = 32 * 32;
    private const double MediumArea = 96 * 96;

    /// <summary>Name of the split.</summary>
    public required string Name { get; init; }

    /// <summary>Images.</summary>
    public required int Images { get; init; }

    /// <summary>Images without objects.</summary>
    public required int EmptyImages { get; init; }

    /// <summary>Annotated objects, crowds among them.</summary>
    public required int Objects { get; init; }

    /// <summary>Crowd regions.</summary>
    public required int Crowds { get; init; }

    /// <summary>Objects that nobody has to find (<c>ignore</c>, <c>difficult</c>).</summary>
    public required int Ignored { get; init; }

    /// <summary>Objects with a mask.</summary>
    public required int Masks { get; init; }

    /// <summary>Objects with keypoints.</summary>
    public required int WithKeypoints { get; init; }

    /// <summary>Objects an image.</summary>
    public required ObjectsPerImage PerImage { get; init; }

    /// <summary>Objects of at most 32 x 32 square pixels.</summary>
    public required int Small { get; init; }

    /// <summary>Objects above small, of at most 96 x 96 square pixels.</summary>
    public required int Medium { get; init; }

    /// <summary>Objects above medium.</summary>
    public required int Large { get; init; }

    /// <summary>The square root of the object's area over the image's, in octaves from 1/256 to 1. Images of unknown size are left out.</summary>
    public required Histogram RelativeScale { get; init; }

    /// <summary>The square root of the object's area in pixels, in octaves from 8 to 1024.</summary>
    public required Histogram AbsoluteScale { get; init; }

    /// <summary>The box's width over its height, in octaves from 1/4 to 4. Boxes without area are left out.</summary>
    public required Histogram Aspect { get; init; }

    /// <summary>Categories in the order of the dataset.</summary>
    public required IReadOnlyList<CategoryCount> Categories { get; init; }

    /// <summary>The profile of a dataset.</summary>
    /// <param name="name">Name of the split.</param>
    /// <param name="dataset">Its images and objects.</param>
    public static DatasetProfile Of(string name, Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var counts = dataset.Images.Select(image => dataset.Of(image.Id).Count).Order().ToArray();
        var sized = dataset.GroundTruths.Where(found => !found.IsCrowd).ToArray();
        return new()
        {
            Name = name,
            Images = dataset.Images.Count,
            EmptyImages = counts.Count(count => count == 0),
            Objects = dataset.GroundTruths.Count,
            Crowds = dataset.GroundTruths.Count - sized.Length,
            Ignored = dataset.GroundTruths.Count(found => found.IsIgnored),
            Masks = dataset.Segmentations is { } masks ? Enumerable.Range(0, masks.Count).Count(row => masks.KindOf(row) is not Eval.Masks.SegmentationKind.None) : 0,
            WithKeypoints = dataset.Keypoints is { } keypoints ? Enumerable.Range(0, keypoints.Count).Count(row => keypoints.CountOf(row) > 0) : 0,
            PerImage = counts.Length == 0 ? new(0, 0, 0, 0) : new(counts[0], counts.Average(), (counts[(counts.Length - 1) / 2] + counts[counts.Length / 2]) / 2.0, counts[^1]),
            Small = sized.Count(found => found.Area <= SmallArea),
            Medium = sized.Count(found => found.Area is > SmallArea and <= MediumArea),
            Large = sized.Count(found => found.Area > MediumArea),
            RelativeScale = Histogram.Of(ScaleAxis.Relative, RelativeScales(dataset, sized)),
            AbsoluteScale = Histogram.Of(ScaleAxis.Absolute, sized.Where(found => found.Area >= 0).Select(found => Math.Sqrt(found.Area))),
            Aspect = Histogram.Of(ScaleAxis.Aspect, sized.Where(found => found is { Width: > 0, Height: > 0 }).Select(found => found.Width / found.Height)),
            Categories = CategoriesOf(dataset),
        };
    }

    private static IEnumerable<double> RelativeScales(Dataset dataset, IEnumerable<GroundTruth> objects)
    {
        var areas = new Dictionary<long, double>();
        foreach (var image in dataset.Images.Where(image => image is { Width: > 0, Height: > 0 }))
            areas.TryAdd(image.Id, (double)image.Width * image.Height);
        return objects.Where(found => found.Area >= 0 && areas.ContainsKey(found.ImageId)).Select(found => Math.Sqrt(found.Area / areas[found.ImageId]));
    }

    private static IReadOnlyList<CategoryCount> CategoriesOf(Dataset dataset)
    {
        var byCategory = dataset.GroundTruths.ToLookup(found => found.CategoryId);
        return
        [
            .. dataset.Categories.Select(category => new CategoryCount(
                category.Id, category.Name, byCategory[category.Id].Count(), byCategory[category.Id].Select(found => found.ImageId).Distinct().Count(),
                byCategory[category.Id].Count(found => found.IsCrowd)))
        ];
    }
}
