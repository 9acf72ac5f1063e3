using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>
/// What the inputs of all protocols have in common: which images and categories are evaluated, where each detection and ground truth belongs, groups, ranks.
/// </summary>
internal sealed class InputBuilder
{
    private readonly Dataset dataset;
    private readonly DetectionTable detections;
    private readonly Protocol protocol;
    private readonly Grouping grouping;
    private readonly int threads;
    private readonly CancellationToken ct;

    /// <summary>Finds where everything belongs.</summary>
    /// <exception cref="InvalidInputException">A detection lies on an image that the dataset does not list, or a number is not finite.</exception>
    public InputBuilder(Dataset dataset, DetectionTable detections, Protocol protocol, int threads, CancellationToken ct)
    {
        (this.dataset, this.detections, this.protocol, this.threads, this.ct) = (dataset, detections, protocol, threads, ct);
        long[] listed = [.. dataset.Images.Select(image => image.Id)];
        ImageIds = [.. (protocol.ImageIds ?? listed).Distinct().Order()];
        CategoryIds = ListedCategories(dataset.Categories, protocol);
        grouping = new(ImageIds.Length, CategoryIds.Length, pooled: !protocol.UseCategories);
        (Images, Categories) = (new(ImageIds), new(CategoryIds));
        // Nearly always all images are evaluated, and one index serves both.
        ListedImages = protocol.ImageIds is null ? Images : new(listed);
        var objects = dataset.GroundTruths;
        ObjectSlots = new(new int[objects.Count], new int[objects.Count]);
        for (var row = 0; row < objects.Count; row++)
            (ObjectSlots.Images[row], ObjectSlots.Categories[row]) = (Images.Find(objects[row].ImageId), Categories.Find(objects[row].CategoryId));
        DetectionSlots = FindDetections();
    }

    /// <summary>Ids of the evaluated images, ascending.</summary>
    public long[] ImageIds { get; }

    /// <summary>Ids of the evaluated categories, also where they are pooled.</summary>
    public long[] CategoryIds { get; }

    /// <summary>Finds the images that the dataset lists, evaluated or not.</summary>
    public IdIndex ListedImages { get; }

    /// <summary>The place of an id in <see cref="ImageIds"/>.</summary>
    public IdIndex Images { get; }

    /// <summary>The place of an id in <see cref="CategoryIds"/>.</summary>
    public IdIndex Categories { get; }

    /// <summary>Where each ground truth belongs, by row.</summary>
    public Slots ObjectSlots { get; }

    /// <summary>Where each detection belongs, by row.</summary>
    public Slots DetectionSlots { get; }

    /// <summary>All ground truths by image, then in file order, as the reference visits them; those on images that are not evaluated are left out.</summary>
    public int[] ObjectsByImage() => Grouping.StableSort(Rows(dataset.GroundTruths.Count), ObjectSlots.Images, ImageIds.Length);

    /// <summary>
    /// What references make of ground truths that share an id: they select some, then look each up by its id, where a later one with the same id has replaced an
    /// earlier, which may lie on another image.
    /// </summary>
    /// <param name="visited">Rows in the order in which they are visited.</param>
    /// <param name="isSelected">Whether a row is selected before it is looked up.</param>
    public int[] LookedUpById(int[] visited, Func<int, bool> isSelected)
    {
        var objects = dataset.GroundTruths;
        var lastRow = new Dictionary<long, int>(objects.Count);
        for (var row = 0; row < objects.Count; row++)
            lastRow[objects[row].Id] = row;
        if (lastRow.Count == objects.Count)
            return [.. visited.Where(isSelected)];
        return [.. visited.Where(isSelected).Select(row => lastRow[objects[row].Id]).Where(row => ObjectSlots.Images[row] >= 0)];
    }

    /// <summary>Groups and ranks rows.</summary>
    /// <param name="objectRows">Ground truths that take part, in the order in which they are visited; a row may occur more than once.</param>
    /// <param name="detectionRows">Detections that take part, in file order; null for all.</param>
    public GroupedRows Group(ReadOnlySpan<int> objectRows, int[]? detectionRows = null)
    {
        var sortedDetections = grouping.Sort(detectionRows ?? Rows(detections.Count), DetectionSlots);
        var sortedObjects = grouping.Sort(objectRows, ObjectSlots);
        var groups = grouping.Pair(sortedDetections, DetectionSlots, sortedObjects, ObjectSlots);
        var ranked = Grouping.Rank(groups, sortedDetections, detections, protocol.MaxDetections.Max(), threads, ct);
        return new(groups, ranked, sortedObjects);
    }

    /// <summary>The columns of grouped rows.</summary>
    /// <param name="rows">What takes part.</param>
    /// <param name="overlap">How alike a detection and a ground truth are.</param>
    /// <param name="isCrowd">By ground truth position.</param>
    /// <param name="isIgnored">By ground truth position.</param>
    /// <param name="detectionAreas">By position; null for those of the table.</param>
    /// <param name="groundTruthAreas">By position; null for those of the dataset.</param>
    public MatchInput InputOf(
        GroupedRows rows, IOverlap overlap, bool[] isCrowd, bool[] isIgnored, double[]? detectionAreas = null, double[]? groundTruthAreas = null)
    {
        var objects = dataset.GroundTruths;
        return new()
        {
            ImageIds = ImageIds,
            CategoryIds = CategoriesOf(dataset.Categories, protocol),
            Groups = rows.Groups,
            DetectionRows = rows.Detections,
            Scores = Gather(detections.Scores, rows.Detections),
            DetectionAreas = detectionAreas ?? Gather(detections.Areas, rows.Detections),
            GroundTruthRows = rows.GroundTruths,
            GroundTruthAreas = groundTruthAreas ?? Array.ConvertAll(rows.GroundTruths, row => objects[row].Area),
            IsCrowd = isCrowd,
            IsIgnored = isIgnored,
            HasZeroId = protocol.StrictReference ? Array.ConvertAll(rows.GroundTruths, row => objects[row].Id == 0) : null,
            Overlap = overlap,
            IouThresholds = [.. protocol.IouThresholds],
            AreaRanges = [.. protocol.AreaRanges],
        };
    }

    /// <summary>Ids of the categories of an input: those that are evaluated, or -1 alone where they are pooled.</summary>
    public static long[] CategoriesOf(IReadOnlyList<Category> categories, Protocol protocol) => protocol.UseCategories ? ListedCategories(categories, protocol) : [-1];

    /// <summary>A column of detections in the order of positions.</summary>
    public static double[] Gather(ReadOnlySpan<double> column, int[] rows)
    {
        var gathered = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            gathered[i] = column[rows[i]];
        return gathered;
    }

    // The reference sorts categories and drops repeated ones, but leaves the list alone where categories are pooled.
    private static long[] ListedCategories(IReadOnlyList<Category> categories, Protocol protocol)
    {
        var listed = categories.Select(category => category.Id).Distinct().Order();
        if (protocol.CategoryIds is null)
            return [.. listed];
        return protocol.UseCategories ? [.. protocol.CategoryIds.Distinct().Order()] : [.. protocol.CategoryIds];
    }

    private Slots FindDetections()
    {
        var slots = new Slots(new int[detections.Count], new int[detections.Count]);
        var firstFault = int.MaxValue;
        Chunks.For(detections.Count, threads, (from, to) =>
        {
            ReadOnlySpan<long> imageIds = detections.ImageIds, categoryIds = detections.CategoryIds;
            for (var row = from; row < to; row++)
            {
                // Detections of an image mostly stand together.
                slots.Images[row] = row > from && imageIds[row] == imageIds[row - 1] ? slots.Images[row - 1] : Images.Find(imageIds[row]);
                slots.Categories[row] = Categories.Find(categoryIds[row]);
                if (IsFinite(row) && (slots.Images[row] >= 0 || ListedImages.Find(imageIds[row]) >= 0))
                    continue;
                Lower(ref firstFault, row);
                return;
            }
        }, ct);
        return firstFault == int.MaxValue ? slots : throw Fault(firstFault);
    }

    private bool IsFinite(int row) => double.IsFinite(
        detections.Scores[row] + detections.X[row] + detections.Width[row] + detections.Y[row] + detections.Height[row] + detections.Areas[row]);

    // The reference refuses an unlisted image even where only some of the images are evaluated, so a subset is listed only by the dataset.
    private InvalidInputException Fault(int row)
    {
        var image = detections.ImageIds[row];
        return ListedImages.Find(image) < 0
            ? new($"detection #{row + 1} lies on image {image}, which the dataset does not list (it lists {dataset.Images.Select(i => i.Id).Distinct().Count()}); every detection must lie on a listed image.")
            : new($"detection #{row + 1} on image {image}: box or score is not finite, or too large; every number must be finite.");
    }

    private static void Lower(ref int least, int value)
    {
        int seen;
        while (value < (seen = Volatile.Read(ref least)) && Interlocked.CompareExchange(ref least, value, seen) != seen)
        {
        }
    }

    /// <summary>All rows of a table, in file order.</summary>
    public static int[] Rows(int count)
    {
        var rows = new int[count];
        for (var i = 0; i < count; i++)
            rows[i] = i;
        return rows;
    }
}

/// <summary>Rows in the order of their groups.</summary>
/// <param name="Groups">Groups by rising category, then image.</param>
/// <param name="Detections">Row of each detection position.</param>
/// <param name="GroundTruths">Row of each ground truth position.</param>
internal readonly record struct GroupedRows(PairGroup[] Groups, int[] Detections, int[] GroundTruths);
