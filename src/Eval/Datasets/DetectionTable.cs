using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>Detections as columns, in the order they were added (which decides ties). Boxes are COCO xywh in pixels of the original image.</summary>
/// <remarks>Not safe for writing from several threads. A span is valid until the next detection is added.</remarks>
public sealed class DetectionTable
{
    private const int SmallestCapacity = 64;

    private long[] imageIds;
    private long[] categoryIds;
    private double[] x;
    private double[] y;
    private double[] width;
    private double[] height;
    private double[] scores;
    private double[] areas;

    /// <summary>Creates an empty table.</summary>
    /// <param name="capacity">Detections expected; a hint.</param>
    public DetectionTable(int capacity = 0)
    {
        // Not set to zero: a capacity that is never used then costs no memory either.
        imageIds = GC.AllocateUninitializedArray<long>(capacity);
        categoryIds = GC.AllocateUninitializedArray<long>(capacity);
        x = GC.AllocateUninitializedArray<double>(capacity);
        y = GC.AllocateUninitializedArray<double>(capacity);
        width = GC.AllocateUninitializedArray<double>(capacity);
        height = GC.AllocateUninitializedArray<double>(capacity);
        scores = GC.AllocateUninitializedArray<double>(capacity);
        areas = GC.AllocateUninitializedArray<double>(capacity);
    }

    /// <summary>Number of detections.</summary>
    public int Count { get; private set; }

    /// <summary>Image of each detection.</summary>
    public ReadOnlySpan<long> ImageIds => imageIds.AsSpan(0, Count);

    /// <summary>Category of each detection.</summary>
    public ReadOnlySpan<long> CategoryIds => categoryIds.AsSpan(0, Count);

    /// <summary>Left edges.</summary>
    public ReadOnlySpan<double> X => x.AsSpan(0, Count);

    /// <summary>Top edges.</summary>
    public ReadOnlySpan<double> Y => y.AsSpan(0, Count);

    /// <summary>Widths.</summary>
    public ReadOnlySpan<double> Width => width.AsSpan(0, Count);

    /// <summary>Heights.</summary>
    public ReadOnlySpan<double> Height => height.AsSpan(0, Count);

    /// <summary>Scores.</summary>
    public ReadOnlySpan<double> Scores => scores.AsSpan(0, Count);

    /// <summary>Areas in square pixels, which decide the area range of an unmatched detection: of the box, or of the mask where it came with one.</summary>
    public ReadOnlySpan<double> Areas => areas.AsSpan(0, Count);

    /// <summary>The mask of each detection, a row each in the order of the detections; null where they have none. Whoever adds a detection adds its row too.</summary>
    public SegmentationTable? Segmentations { get; set; }

    /// <summary>The keypoints of each detection, a row each in the order of the detections; null where they have none. Whoever adds a detection adds its row too.</summary>
    public KeypointTable? Keypoints { get; set; }

    /// <summary>Appends a detection; its area is that of the box.</summary>
    public void Add(long imageId, long categoryId, double x, double y, double width, double height, double score)
        => Add(imageId, categoryId, x, y, width, height, score, width * height);

    /// <summary>Appends a detection whose area is not that of its box.</summary>
    public void Add(long imageId, long categoryId, double x, double y, double width, double height, double score, double area)
    {
        EnsureCapacity(Count + 1);
        var at = Count;
        imageIds[at] = imageId;
        categoryIds[at] = categoryId;
        this.x[at] = x;
        this.y[at] = y;
        this.width[at] = width;
        this.height[at] = height;
        scores[at] = score;
        areas[at] = area;
        Count = at + 1;
    }

    /// <summary>Appends all detections of another table, in its order, with their masks and keypoints where both tables have them.</summary>
    public void Append(DetectionTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Segmentations is not null)
            Segmentations?.Append(other.Segmentations);
        if (other.Keypoints is not null)
            Keypoints?.Append(other.Keypoints);
        // The count is read once: a table may be appended to itself.
        var added = other.Count;
        EnsureCapacity(Count + added);
        Copy(other.imageIds, imageIds, added);
        Copy(other.categoryIds, categoryIds, added);
        Copy(other.x, x, added);
        Copy(other.y, y, added);
        Copy(other.width, width, added);
        Copy(other.height, height, added);
        Copy(other.scores, scores, added);
        Copy(other.areas, areas, added);
        Count += added;
    }

    /// <summary>The same detections with the areas of their boxes and nothing but these: what a protocol of boxes is given where the table is of masks.</summary>
    public DetectionTable OfBoxes()
    {
        var boxes = new DetectionTable(Count);
        for (var i = 0; i < Count; i++)
            boxes.Add(imageIds[i], categoryIds[i], x[i], y[i], width[i], height[i], scores[i]);
        return boxes;
    }

    /// <summary>Number of detections there is room for.</summary>
    internal int Capacity => imageIds.Length;

    /// <summary>Makes room for so many detections in all.</summary>
    internal void Reserve(int capacity)
    {
        if (capacity <= imageIds.Length)
            return;
        Grow(ref imageIds, capacity);
        Grow(ref categoryIds, capacity);
        Grow(ref x, capacity);
        Grow(ref y, capacity);
        Grow(ref width, capacity);
        Grow(ref height, capacity);
        Grow(ref scores, capacity);
        Grow(ref areas, capacity);
    }

    /// <summary>Forgets all detections, and keeps the memory. Masks, whose memory other tables may share, get a new table.</summary>
    /// <param name="payload">Bytes of texts and numbers of masks expected.</param>
    internal void Clear(int payload)
    {
        Count = 0;
        Keypoints?.Clear();
        Segmentations = Segmentations is null ? null : new(payload);
    }

    private void Copy<T>(T[] from, T[] to, int count) => from.AsSpan(0, count).CopyTo(to.AsSpan(Count));

    private void EnsureCapacity(int count)
    {
        if (count > imageIds.Length)
            Reserve(Math.Max(Math.Max(count, SmallestCapacity), (int)Math.Min(2L * imageIds.Length, Array.MaxLength)));
    }

    private void Grow<T>(ref T[] column, int capacity)
    {
        var larger = GC.AllocateUninitializedArray<T>(capacity);
        column.AsSpan(0, Count).CopyTo(larger);
        column = larger;
    }
}
