using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using static System.FormattableString;

namespace Serve.Eval.Checks;

/// <summary>Boxes that have no area, reach outside or occur twice, and areas that are not theirs.</summary>
internal static class BoxChecks
{
    // Boxes of formats that count pixels from one may touch the rim and end a pixel behind it.
    private const double OutsidePixels = 1;
    private const double AreaPixels = 1;
    private const double AreaShare = 0.01;

    private readonly record struct Drawn(long Image, long Category, double X, double Y, double Width, double Height, bool IsCrowd);

    /// <summary>Checks a split.</summary>
    public static void Check(DatasetSplit split, IFaultSink faults)
    {
        var images = new Dictionary<long, ImageEntry>();
        foreach (var image in split.Dataset.Images)
            images.TryAdd(image.Id, image);
        var drawn = new Dictionary<Drawn, int>();
        for (var i = 0; i < split.Dataset.GroundTruths.Count; i++)
        {
            var found = split.Dataset.GroundTruths[i];
            // What is not finite was reported where it was read.
            if (!double.IsFinite(found.X + found.Y + found.Width + found.Height))
                continue;
            CheckSize(split, i, found, faults);
            if (images.TryGetValue(found.ImageId, out var image) && image is { Width: > 0, Height: > 0 })
                CheckInside(split, i, found, image, faults);
            CheckArea(split, i, found, faults);
            if (!drawn.TryAdd(new(found.ImageId, found.CategoryId, found.X, found.Y, found.Width, found.Height, found.IsCrowd), i))
                Report(split, i, found, FaultKinds.DuplicateObject, $"is {Text(found)} with category {found.CategoryId} on image {found.ImageId}, as before", faults);
        }
    }

    private static void CheckSize(DatasetSplit split, int index, GroundTruth found, IFaultSink faults)
    {
        if (found.Width < 0 || found.Height < 0)
            Report(split, index, found, FaultKinds.NegativeSize, $"is {Text(found)}; width and height must be 0 or more", faults);
        else if (found.Width == 0 || found.Height == 0)
            Report(split, index, found, FaultKinds.ZeroArea, $"is {Text(found)}; width and height should be above 0", faults);
    }

    private static void CheckInside(DatasetSplit split, int index, GroundTruth found, ImageEntry image, IFaultSink faults)
    {
        var box = found.Box;
        var size = $"of {image.Width} x {image.Height} pixels";
        if (found.Width >= 0 && found.Height >= 0 && (box.X1 > image.Width || box.Y1 > image.Height || box.X2 < 0 || box.Y2 < 0))
            Report(split, index, found, FaultKinds.BoxOffImage, $"is {Text(found)}, wholly outside its image {size}", faults);
        else if (Math.Min(box.X1, box.Y1) < -OutsidePixels || box.X2 > image.Width + OutsidePixels || box.Y2 > image.Height + OutsidePixels)
            Report(split, index, found, FaultKinds.BoxOutside, $"is {Text(found)}, partly outside its image {size}", faults);
    }

    // The area of a mask is compared with the mask itself.
    private static void CheckArea(DatasetSplit split, int index, GroundTruth found, IFaultSink faults)
    {
        if (!double.IsFinite(found.Area) || found.Width < 0 || found.Height < 0)
            return;
        var box = found.Width * found.Height;
        if (found.Area < 0)
            faults.Report(new(FaultKinds.NegativeArea, split.Places.OfObject(index, found.Id), "area", Invariant($"is {found.Area}; it must be 0 or more")));
        else if (!HasMask(split, index) && Math.Abs(found.Area - box) > Math.Max(AreaPixels, AreaShare * box))
        {
            var kind = found.Area < box ? FaultKinds.AreaBelowBox : FaultKinds.AreaDiffers;
            faults.Report(new(kind, split.Places.OfObject(index, found.Id), "area", Invariant($"is {found.Area}; the box has {box:0.##} square pixels")));
        }
    }

    private static bool HasMask(DatasetSplit split, int index) => split.Dataset.Segmentations is { } masks && masks.KindOf(index) is not Masks.SegmentationKind.None;

    private static void Report(DatasetSplit split, int index, GroundTruth found, FaultKind kind, string text, IFaultSink faults)
        => faults.Report(new(kind, split.Places.OfObject(index, found.Id), "bbox", text));

    private static string Text(GroundTruth found) => Invariant($"[{found.X}, {found.Y}, {found.Width}, {found.Height}]");
}
