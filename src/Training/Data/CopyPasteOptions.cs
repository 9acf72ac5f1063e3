namespace Serve.Training.Data;

/// <summary>The boxes of objects of the image that is pasted onto.</summary>
public enum PastedBoxes
{
    /// <summary>
    /// A coordinate of the annotated box stays where the box around the remaining mask is no farther from it than <see cref="CopyPasteOptions.BoxTolerance"/>: annotated boxes are
    /// seldom tight, and would move without need. As in the authors' code.
    /// </summary>
    KeepClose,

    /// <summary>Every box becomes the one around the remaining mask. As in mmdetection.</summary>
    Tight,
}

/// <summary>Which objects are dropped of which little is left.</summary>
public enum SmallRemains
{
    /// <summary>Those whose own box moved by more than the tolerance, and whose remaining mask has no more than <see cref="CopyPasteOptions.SmallArea"/>, in pixels of the canvas.</summary>
    Occluded,

    /// <summary>
    /// All with no more than that area, in pixels of the original image, as soon as the box of any object of the image moved. What the authors' code does; it also drops small objects
    /// that nothing touched.
    /// </summary>
    AnyOccluded,
}

/// <summary>Copy-Paste: objects of a second image are pasted onto the first, at the same pixels.</summary>
/// <remarks>
/// Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation", CVPR 2021. Of the n objects of the second image that are no crowds, m are
/// pasted, m uniform in 0..n. Masks of the first image lose what is covered. Every image is so treated; nothing is blended.
/// </remarks>
public sealed record CopyPasteOptions
{
    /// <summary>What boxes become.</summary>
    public PastedBoxes Boxes { get; init; }

    /// <summary>Which objects are dropped.</summary>
    public SmallRemains Drop { get; init; }

    /// <summary>How far a coordinate may move before it counts, pixels.</summary>
    public double BoxTolerance { get; init; } = 10;

    /// <summary>Area up to which what remains of an object is little.</summary>
    public double SmallArea { get; init; } = 300;

    /// <summary>Most objects of an image afterwards; those pasted last are cut first, and stay as pixels. Null for no limit.</summary>
    public int? MaxObjects { get; init; }

    /// <summary>
    /// Images of categories that a smaller share of images than this have are pasted from more often (<see cref="Orders.RepeatFactors"/>); null for the order in which images are shown.
    /// </summary>
    public double? RepeatThreshold { get; init; }

    /// <summary>The options that are out of range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!(BoxTolerance >= 0 && BoxTolerance <= 1000))
            yield return $"CopyPaste.BoxTolerance: got {BoxTolerance}, allowed 0..1000";
        if (!(SmallArea >= 0 && SmallArea <= 1e9))
            yield return $"CopyPaste.SmallArea: got {SmallArea}, allowed 0..1000000000";
        if (MaxObjects is < 1)
            yield return $"CopyPaste.MaxObjects: got {MaxObjects}, allowed 1 or more, or null";
        if (RepeatThreshold is { } threshold && !(threshold > 0 && threshold <= 1))
            yield return $"CopyPaste.RepeatThreshold: got {threshold}, allowed above 0 up to 1, or null";
    }
}
