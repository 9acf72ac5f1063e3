using System.Collections.Frozen;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>An image of a dataset.</summary>
/// <param name="Id">Identifier; any 64-bit integer.</param>
/// <param name="FileName">Path of the picture below the dataset's <c>images</c> folder; empty where the file names none.</param>
/// <param name="Width">Width in pixels; 0 where the file does not say.</param>
/// <param name="Height">Height in pixels; 0 where the file does not say.</param>
public sealed record ImageEntry(long Id, string FileName, int Width, int Height)
{
    /// <summary>Categories that were looked for on the image and are not there (LVIS <c>neg_category_ids</c>).</summary>
    public IReadOnlyList<long> NegativeCategoryIds { get; init; } = [];

    /// <summary>Categories of which not every object on the image is annotated (LVIS <c>not_exhaustive_category_ids</c>).</summary>
    public IReadOnlyList<long> NotExhaustiveCategoryIds { get; init; } = [];
}

/// <summary>A category of a dataset or a model.</summary>
/// <param name="Id">Identifier; any 64-bit integer.</param>
/// <param name="Name">Name; the identifier as text where the file names none.</param>
/// <param name="Supercategory">The group it belongs to, where there is one.</param>
public sealed record Category(long Id, string Name, string? Supercategory = null)
{
    /// <summary>How many training images hold it: <c>r</c> (rare), <c>c</c> (common) or <c>f</c> (frequent); null where the file does not say (LVIS).</summary>
    public string? Frequency { get; init; }

    /// <summary>Names of its keypoints in order; null where it has none.</summary>
    public IReadOnlyList<string>? Keypoints { get; init; }
}

/// <summary>One annotated object.</summary>
/// <param name="Id">Annotation identifier.</param>
/// <param name="ImageId">The image it lies on.</param>
/// <param name="CategoryId">Its category.</param>
/// <param name="X">Left edge of the box as the file has it (COCO xywh), pixels.</param>
/// <param name="Y">Top edge, pixels.</param>
/// <param name="Width">Box width, pixels.</param>
/// <param name="Height">Box height, pixels.</param>
/// <param name="Area">The file's <c>area</c>, square pixels: of the mask where there is one.</param>
/// <param name="IsCrowd">A region with many objects that are not annotated one by one.</param>
public readonly record struct GroundTruth(
    long Id, long ImageId, long CategoryId, double X, double Y, double Width, double Height, double Area, bool IsCrowd)
{
    /// <summary>
    /// Nobody has to find it: the file's <c>ignore</c>, or <c>difficult</c> in the Pascal VOC format. The COCO protocol pays no regard to it; LVIS and VOC do.
    /// </summary>
    public bool IsIgnored { get; init; }

    /// <summary>The box as corners.</summary>
    public Box Box => Box.FromCocoXywh(X, Y, Width, Height);
}

/// <summary>Images, categories and ground truth of one split.</summary>
public sealed class Dataset
{
    private readonly Lazy<FrozenDictionary<long, GroundTruth[]>> byImage;

    /// <summary>Creates a dataset.</summary>
    /// <param name="images">Images in file order.</param>
    /// <param name="categories">Categories in file order.</param>
    /// <param name="groundTruths">Objects in file order.</param>
    /// <param name="contentHash">Lower-case hexadecimal SHA-256 of the annotation file.</param>
    public Dataset(IReadOnlyList<ImageEntry> images, IReadOnlyList<Category> categories, IReadOnlyList<GroundTruth> groundTruths, string contentHash)
    {
        (Images, Categories, GroundTruths, ContentHash) = (images, categories, groundTruths, contentHash);
        byImage = new(() => GroundTruths.GroupBy(o => o.ImageId).ToFrozenDictionary(g => g.Key, g => g.ToArray()));
    }

    /// <summary>Images in file order.</summary>
    public IReadOnlyList<ImageEntry> Images { get; }

    /// <summary>Categories in file order.</summary>
    public IReadOnlyList<Category> Categories { get; }

    /// <summary>Objects in file order.</summary>
    public IReadOnlyList<GroundTruth> GroundTruths { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of the annotation file, of its JSON where it is compressed; empty where that was not asked for.</summary>
    public string ContentHash { get; }

    /// <summary>The segmentation of each object, a row each in the order of <see cref="GroundTruths"/>; null where they were not read.</summary>
    public SegmentationTable? Segmentations { get; init; }

    /// <summary>The keypoints of each object, a row each in the order of <see cref="GroundTruths"/>; null where they were not read.</summary>
    public KeypointTable? Keypoints { get; init; }

    /// <summary>Makes sure that every object has a mask, which evaluations of masks need: to be told before anything is detected.</summary>
    /// <param name="source">What to call the dataset in the message.</param>
    /// <exception cref="InvalidInputException">One has none.</exception>
    public void RequireMasks(string source)
    {
        for (var row = 0; row < GroundTruths.Count; row++)
        {
            if (Segmentations is null || Segmentations.KindOf(row) is SegmentationKind.None)
                throw new InvalidInputException($"{source}: annotation id {GroundTruths[row].Id} has no segmentation; evaluation of masks needs polygons or run lengths of every object.");
        }
    }

    /// <summary>Objects of one image in file order; none for an image without any. The first call indexes the dataset; any thread may call.</summary>
    public IReadOnlyList<GroundTruth> Of(long imageId) => byImage.Value.TryGetValue(imageId, out var objects) ? objects : [];
}
