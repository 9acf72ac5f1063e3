using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Masks;
using static System.FormattableString;

namespace Serve.Eval.Checks;

/// <summary>Polygons that are none, run lengths that do not fill their mask, and areas that are not the mask's.</summary>
internal static class MaskChecks
{
    private const string Field = "segmentation";
    private const double OutsidePixels = 1;
    private const int FewestNumbers = 6;
    private const double AreaShare = 0.01;

    /// <summary>Checks a split.</summary>
    public static void Check(DatasetSplit split, IFaultSink faults)
    {
        if (split.Dataset.Segmentations is not { } masks)
            return;
        var images = new Dictionary<long, ImageEntry>();
        foreach (var image in split.Dataset.Images)
            images.TryAdd(image.Id, image);
        for (var i = 0; i < masks.Count; i++)
        {
            var found = split.Dataset.GroundTruths[i];
            var report = new Reporter(split, i, found, faults);
            var image = images.GetValueOrDefault(found.ImageId);
            if (masks.KindOf(i) is SegmentationKind.Polygons)
                CheckPolygons(masks.PolygonsOf(i), found, image, report);
            else if (masks.KindOf(i) is not SegmentationKind.None)
                CheckRuns(masks.TextOf(i), masks.SizeOf(i), found, image, report);
        }
    }

    private static void CheckPolygons(PolygonList polygons, GroundTruth found, ImageEntry? image, Reporter report)
    {
        var (area, perimeter, number, outside, usable) = (0.0, 0.0, 0, false, true);
        foreach (var points in polygons)
        {
            number++;
            if (points.Length % 2 != 0)
                report.Tell(FaultKinds.OddPolygon, Field, $"has polygon {number} of {points.Length} coordinates; they must come in pairs");
            else if (points.Length < FewestNumbers)
            {
                var kind = number == 1 ? FaultKinds.ShortPolygon : FaultKinds.EmptyPolygon;
                report.Tell(kind, Field, $"has polygon {number} of {points.Length / 2} point{(points.Length == 2 ? "" : "s")}; it must have three or more");
            }
            usable &= points.Length % 2 == 0 && points.Length >= FewestNumbers;
            area += PolygonMeasures.Area(points);
            perimeter += PolygonMeasures.Perimeter(points);
            outside |= image is { Width: > 0, Height: > 0 } && IsOutside(points, image);
        }
        if (outside)
            report.Tell(FaultKinds.PolygonOutside, Field, $"reaches outside its image of {image!.Width} x {image.Height} pixels");
        // Drawn, a polygon differs from its geometry by about half a pixel along its outline; overlapping ones count once.
        var slack = 1 + (perimeter / 2) + (AreaShare * area);
        var differs = found.Area > area + slack || (number == 1 && found.Area < area - slack);
        if (usable && differs && double.IsFinite(found.Area + area) && found.Area >= 0)
            report.Tell(FaultKinds.AreaDiffers, "area", Invariant($"is {found.Area}; the polygon{(number == 1 ? " has" : "s have")} {area:0.##} square pixels"));
    }

    private static bool IsOutside(ReadOnlySpan<double> points, ImageEntry image)
    {
        for (var i = 0; i < points.Length; i++)
        {
            var side = i % 2 == 0 ? image.Width : image.Height;
            if (points[i] < -OutsidePixels || points[i] > side + OutsidePixels)
                return true;
        }
        return false;
    }

    private static void CheckRuns(ReadOnlySpan<byte> text, (int Height, int Width) size, GroundTruth found, ImageEntry? image, Reporter report)
    {
        if (image is { Width: > 0, Height: > 0 } && (image.Height, image.Width) != size)
            report.Tell(FaultKinds.MaskSize, Field, $"has the size [{size.Height}, {size.Width}]; its image has [{image.Height}, {image.Width}] (height, width)");
        if (RunLengthSums.Read(text) is not { } sums)
        {
            report.Tell(FaultKinds.RunLengthText, Field, "has run lengths that cannot be read; they must be COCO's text form");
            return;
        }
        var pixels = (long)size.Height * size.Width;
        if (sums.All != pixels)
        {
            var kind = sums.All > pixels ? FaultKinds.RunLengthSum : FaultKinds.RunLengthShort;
            report.Tell(kind, Field, $"has runs of {sums.All} pixels in all; they must add up to {size.Height} x {size.Width} = {pixels}");
        }
        else if (double.IsFinite(found.Area) && found.Area >= 0 && Math.Abs(found.Area - sums.Inside) > Math.Max(1, AreaShare * sums.Inside))
            report.Tell(FaultKinds.AreaDiffers, "area", Invariant($"is {found.Area}; the mask has {sums.Inside} pixels"));
    }

    private readonly struct Reporter(DatasetSplit split, int index, GroundTruth found, IFaultSink faults)
    {
        public void Tell(FaultKind kind, string field, string text) => faults.Report(new(kind, split.Places.OfObject(index, found.Id), field, text));
    }
}
