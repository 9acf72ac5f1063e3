namespace Serve.Eval.Formats.Conversion;

/// <summary>What becomes of the pictures of a dataset that is converted.</summary>
public enum PictureTransfer
{
    /// <summary>They are copied.</summary>
    Copy,

    /// <summary>The new dataset has symbolic links to them.</summary>
    Link,

    /// <summary>The new dataset has none.</summary>
    None,
}

/// <summary>How a dataset is converted.</summary>
public sealed record ConversionOptions
{
    /// <summary>The new format: COCO, Pascal VOC or YOLO.</summary>
    public DatasetFormat To { get; init; } = DatasetFormat.Coco;

    /// <summary>What becomes of the pictures.</summary>
    public PictureTransfer Pictures { get; init; } = PictureTransfer.Copy;

    /// <summary>Leave out images without objects, and images with a side below <see cref="ImageFilter.SmallestSide"/> pixels.</summary>
    public bool DropEmpty { get; init; }

    /// <summary>YOLO only: write polygons where objects have them, instead of boxes.</summary>
    public bool Polygons { get; init; }
}

/// <summary>What was written of a split.</summary>
/// <param name="Name">Name of the split.</param>
/// <param name="Images">Images written.</param>
/// <param name="Objects">Objects written.</param>
/// <param name="DroppedImages">Images left out by the filter.</param>
/// <param name="Notes">What the new format could not hold, a sentence each.</param>
public sealed record ConvertedSplit(string Name, int Images, int Objects, int DroppedImages, IReadOnlyList<string> Notes);
