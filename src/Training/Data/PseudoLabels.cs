using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Training.Data;

/// <summary>Makes detections into annotations: a detector's own labels of images that nobody annotated, for self-training.</summary>
public static class PseudoLabels
{
    /// <summary>The detections of at least a score, as a dataset.</summary>
    /// <param name="images">The images.</param>
    /// <param name="categories">Categories of the annotated dataset, in its order.</param>
    /// <param name="detections">Detections on the images; with masks, where masks are learnt.</param>
    /// <param name="minScore">Least score. No paper states one for Copy-Paste; 0.5 is our choice.</param>
    /// <exception cref="InvalidInputException">A detection is of an unknown image or category, or the score is no number from 0 to 1.</exception>
    public static Dataset Of(IReadOnlyList<ImageEntry> images, IReadOnlyList<Category> categories, DetectionTable detections, double minScore = 0.5)
    {
        if (!(minScore >= 0 && minScore <= 1))
            throw new InvalidInputException($"least score of a pseudo-label: got {minScore}, allowed 0..1.");

        var (imageIds, categoryIds) = (images.Select(image => image.Id).ToHashSet(), categories.Select(category => category.Id).ToHashSet());
        var truths = new List<GroundTruth>();
        var masks = detections.Segmentations is null ? null : new SegmentationTable();
        for (var row = 0; row < detections.Count; row++)
        {
            var (image, category) = (detections.ImageIds[row], detections.CategoryIds[row]);
            if (!imageIds.Contains(image))
                throw new InvalidInputException($"detection #{row + 1} refers to image {image}, which is not among the images to be labelled.");
            if (!categoryIds.Contains(category))
                throw new InvalidInputException($"detection #{row + 1} refers to category {category}, which the annotated dataset does not list.");
            if (!(detections.Scores[row] >= minScore))
                continue;
            truths.Add(new(row + 1, image, category, detections.X[row], detections.Y[row], detections.Width[row], detections.Height[row], detections.Areas[row], IsCrowd: false));
            if (masks is not null)
                Copy(detections.Segmentations!, row, masks);
        }

        return new(images, categories, truths, contentHash: "") { Segmentations = masks };
    }

    private static void Copy(SegmentationTable from, int row, SegmentationTable to)
    {
        switch (from.KindOf(row))
        {
            case SegmentationKind.None:
                to.AddNone();
                break;
            case SegmentationKind.Polygons:
                var polygons = from.PolygonsOf(row);
                to.AddPolygons(polygons.Numbers, polygons.Lengths);
                break;
            default:
                var (height, width) = from.SizeOf(row);
                to.AddRunLengths(from.TextOf(row), height, width);
                break;
        }
    }
}
