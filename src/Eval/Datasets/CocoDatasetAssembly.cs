using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>Puts the images, categories and objects of an annotation file together.</summary>
/// <param name="source">Name of the document in messages.</param>
/// <param name="parts">What is kept of annotations beyond their boxes.</param>
internal sealed class CocoDatasetAssembly(string source, AnnotationParts parts) : DocumentAssembly<CocoDatasetParser>(source, CocoDatasetParser.Lists)
{
    private readonly List<ImageEntry> images = [];
    private readonly List<Category> categories = [];
    private readonly List<GroundTruth[]> groundTruths = [];
    private readonly SegmentationTable? segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new() : null;
    private readonly KeypointTable? keypoints = parts.HasFlag(AnnotationParts.Keypoints) ? new() : null;

    /// <inheritdoc/>
    public override CocoDatasetParser NewParser() => new(parts, (int)Math.Min(Length, DocumentReading.PartLength));

    /// <summary>The dataset, once the document is read.</summary>
    /// <param name="hash">SHA-256 of the document.</param>
    /// <exception cref="InvalidInputException">There is no list of images.</exception>
    public Dataset ToDataset(string hash)
    {
        if (!HasOpened(CocoDatasetParser.ImageList))
            throw new InvalidInputException($"{Source}: \"images\" is missing; a COCO dataset has \"images\", \"categories\" and \"annotations\".");
        return new(images.ToArray(), categories.ToArray(), Joined(), hash) { Segmentations = segmentations, Keypoints = keypoints };
    }

    /// <inheritdoc/>
    protected override void Add(CocoDatasetParser part)
    {
        images.AddRange(part.Images);
        categories.AddRange(part.Categories);
        if (!part.GroundTruths.IsEmpty)
            groundTruths.Add(part.GroundTruths.ToArray());
        if (part.Segmentations is not null)
            segmentations?.Append(part.Segmentations);
        if (part.Keypoints is not null)
            keypoints?.Append(part.Keypoints);
    }

    private GroundTruth[] Joined()
    {
        var joined = new GroundTruth[groundTruths.Sum(some => some.Length)];
        var count = 0;
        foreach (var some in groundTruths)
        {
            some.CopyTo(joined, count);
            count += some.Length;
        }
        return joined;
    }
}
