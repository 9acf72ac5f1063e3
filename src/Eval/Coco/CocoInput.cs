using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Makes the columns and groups of a COCO evaluation: which detections and ground truths take part, and in which order.</summary>
public static class CocoInput
{
    /// <summary>Prepares box evaluation.</summary>
    /// <remarks>
    /// Objects on images that are not evaluated, and objects and detections of categories that are not, are left out. Of several
    /// annotations with one id, the last stands for all of them, as in the reference.
    /// </remarks>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections.</param>
    /// <param name="protocol">Parameters.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images.</param>
    /// <exception cref="InvalidInputException">A parameter is out of range, a detection lies on an image that the dataset does not list, or a number is not finite.</exception>
    public static MatchInput From(Dataset dataset, DetectionTable detections, CocoProtocol protocol, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(protocol);
        protocol.Validate();
        Check(dataset, detections);

        var imageIds = (protocol.ImageIds ?? dataset.Images.Select(image => image.Id)).Distinct().Order().ToArray();
        var categoryIds = CategoriesOf(dataset, protocol);
        var images = IndexOf(imageIds);
        var categories = IndexOf(categoryIds);
        var grouping = new Grouping(imageIds.Length, categoryIds.Length, pooled: !protocol.UseCategories);
        var objects = dataset.GroundTruths;

        var detectionSlots = new Slots(Find(images, detections.ImageIds), Find(categories, detections.CategoryIds));
        var sortedDetections = grouping.Sort(Rows(detections.Count), detectionSlots);
        var objectSlots = new Slots([.. objects.Select(o => images.GetValueOrDefault(o.ImageId, -1))], [.. objects.Select(o => categories.GetValueOrDefault(o.CategoryId, -1))]);
        var sortedObjects = grouping.Sort(ResolveIds(objects, objectSlots, imageIds.Length, protocol.UseCategories), objectSlots);

        PairGroup[] groups = [.. grouping.Pair(sortedDetections, detectionSlots, sortedObjects, objectSlots)];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        var detectionRows = Grouping.Rank(groups, sortedDetections, detections.Scores.ToArray(), protocol.MaxDetections.Max(), parallel);
        bool[] isCrowd = [.. sortedObjects.Select(row => objects[row].IsCrowd)];
        return new()
        {
            ImageIds = imageIds,
            CategoryIds = protocol.UseCategories ? categoryIds : [-1],
            Groups = groups,
            DetectionRows = detectionRows,
            Scores = Gather(detections.Scores, detectionRows),
            DetectionAreas = Gather(detections.Areas, detectionRows),
            GroundTruthRows = sortedObjects,
            GroundTruthAreas = [.. sortedObjects.Select(row => objects[row].Area)],
            IsCrowd = isCrowd,
            IsIgnored = isCrowd,
            HasZeroId = [.. sortedObjects.Select(row => objects[row].Id == 0)],
            Overlap = new BoxOverlap(Boxes(detections, detectionRows), Boxes(objects, sortedObjects), isCrowd),
            IouThresholds = [.. protocol.IouThresholds],
            AreaRanges = [.. protocol.AreaRanges],
        };
    }

    private static void Check(Dataset dataset, DetectionTable detections)
    {
        var listed = dataset.Images.Select(image => image.Id).ToHashSet();
        var imageIds = detections.ImageIds;
        for (var i = 0; i < detections.Count; i++)
        {
            if (!listed.Contains(imageIds[i]))
                throw new InvalidInputException($"detection #{i + 1} lies on image {imageIds[i]}, which the dataset does not list (it lists {listed.Count}); every detection must lie on a listed image.");
            if (!double.IsFinite(detections.Scores[i] + detections.X[i] + detections.Width[i] + detections.Y[i] + detections.Height[i] + detections.Areas[i]))
                throw new InvalidInputException($"detection #{i + 1} on image {imageIds[i]}: box or score is not finite, or too large; every number must be finite.");
        }
    }

    // The reference sorts categories and drops repeated ones, but leaves the list alone where categories are pooled.
    private static long[] CategoriesOf(Dataset dataset, CocoProtocol protocol)
    {
        var listed = dataset.Categories.Select(category => category.Id).Distinct().Order();
        if (protocol.CategoryIds is null)
            return [.. listed];
        return protocol.UseCategories ? [.. protocol.CategoryIds.Distinct().Order()] : [.. protocol.CategoryIds];
    }

    /// <summary>
    /// Rows of the ground truths that take part, in the order in which the reference visits them: by image, then file. It selects
    /// annotations by image and category, then looks each up by its id, where a later annotation with the same id has replaced an earlier.
    /// </summary>
    private static int[] ResolveIds(IReadOnlyList<GroundTruth> objects, Slots slots, int imageCount, bool useCategories)
    {
        var visited = Grouping.StableSort(Rows(objects.Count), slots.Images, imageCount);
        var lastRow = new Dictionary<long, int>(objects.Count);
        for (var row = 0; row < objects.Count; row++)
            lastRow[objects[row].Id] = row;
        if (lastRow.Count == objects.Count)
            return visited;
        return [.. visited
            .Where(row => !useCategories || slots.Categories[row] >= 0)
            .Select(row => lastRow[objects[row].Id])
            .Where(row => slots.Images[row] >= 0)];
    }

    private static Dictionary<long, int> IndexOf(long[] ids)
    {
        var index = new Dictionary<long, int>(ids.Length);
        for (var i = 0; i < ids.Length; i++)
            index.Add(ids[i], i);
        return index;
    }

    private static int[] Find(Dictionary<long, int> index, ReadOnlySpan<long> ids)
    {
        var found = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            found[i] = index.GetValueOrDefault(ids[i], -1);
        return found;
    }

    private static int[] Rows(int count) => [.. Enumerable.Range(0, count)];

    private static double[] Gather(ReadOnlySpan<double> column, int[] rows)
    {
        var gathered = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            gathered[i] = column[rows[i]];
        return gathered;
    }

    private static BoxColumns Boxes(DetectionTable detections, int[] rows)
        => new(Gather(detections.X, rows), Gather(detections.Y, rows), Gather(detections.Width, rows), Gather(detections.Height, rows));

    private static BoxColumns Boxes(IReadOnlyList<GroundTruth> objects, int[] rows)
    {
        var boxes = BoxColumns.Of(rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            var o = objects[rows[i]];
            (boxes.X[i], boxes.Y[i], boxes.Width[i], boxes.Height[i]) = (o.X, o.Y, o.Width, o.Height);
        }
        return boxes;
    }
}
