using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>Makes the columns and groups of an evaluation under the benchmark: as for COCO boxes, and relative scales.</summary>
internal static class UsbInput
{
    // mmdetection's filter, with which the numbers on Manga109-s were published.
    private const int ShortestSide = 32;

    /// <summary>Prepares an evaluation.</summary>
    /// <exception cref="InvalidInputException">A detection lies on an image that the dataset does not list, or an image's size is not known.</exception>
    public static MatchInput From(Dataset dataset, DetectionTable detections, UsbProtocol protocol, Warnings warnings, int threads, CancellationToken ct)
    {
        var pixels = protocol.FilterEmpty || protocol.AreaRanges.Any(range => range.Measure is SizeMeasure.RelativeScale) ? new ImagePixels(dataset) : null;
        if (protocol.FilterEmpty)
            protocol = protocol with { ImageIds = Kept(dataset, protocol, warnings) };
        var builder = new InputBuilder(dataset, detections, protocol, threads, ct);
        var rows = builder.Group(CocoInput.ResolveIds(builder, protocol));
        DatasetWarnings.AddIds(dataset, protocol.StrictReference, warnings);
        DatasetWarnings.AddLeftOut(dataset, detections, builder, warnings);
        AddOtherDataset(dataset, protocol, warnings);
        var objects = dataset.GroundTruths;
        bool[] isCrowd = Array.ConvertAll(rows.GroundTruths, row => objects[row].IsCrowd);
        var areas = Array.ConvertAll(rows.GroundTruths, row => protocol.AreaSource is AreaSource.Box ? objects[row].Width * objects[row].Height : objects[row].Area);
        var found = BoxAreas(detections, rows.Detections);
        var input = builder.InputOf(
            rows, new BoxOverlap(detections, rows.Detections, BoxColumns.Of(objects), rows.GroundTruths, isCrowd), isCrowd, isCrowd, found, areas);
        return pixels is null ? input : input with
        {
            DetectionRelativeScales = Relative(found, rows.Detections, row => pixels.Of(detections.ImageIds[row])),
            GroundTruthRelativeScales = Relative(areas, rows.GroundTruths, row => pixels.Of(objects[row].ImageId)),
        };
    }

    /// <summary>Tells of categories that are those of a dataset with other rules.</summary>
    private static void AddOtherDataset(Dataset dataset, UsbProtocol protocol, Warnings warnings)
    {
        // The author's converter writes Waymo's own names, such as TYPE_VEHICLE; others write vehicle.
        static string Plain(string name) => name.ToLowerInvariant().Replace("type_", "", StringComparison.Ordinal);
        var names = dataset.Categories.Select(category => Plain(category.Name)).ToHashSet();
        var rules = UsbDivisions.Default.Datasets.FirstOrDefault(rules => rules.Categories is { } categories && names.SetEquals(categories.Value.Select(Plain)));
        if (rules is not null && rules.Id != protocol.Dataset)
            warnings.Add($"The categories are those of {rules.Name}, whose rules are evaluated under {UsbDivisions.Default.ProtocolOf(rules.Id).Name}.");
    }

    private static double[] BoxAreas(DetectionTable detections, int[] rows)
    {
        ReadOnlySpan<double> widths = detections.Width, heights = detections.Height;
        var areas = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            areas[i] = widths[rows[i]] * heights[rows[i]];
        return areas;
    }

    private static double[] Relative(double[] areas, int[] rows, Func<int, double> pixelsOf)
    {
        var scales = new double[areas.Length];
        for (var i = 0; i < areas.Length; i++)
            scales[i] = Math.Sqrt(areas[i] / pixelsOf(rows[i]));
        return scales;
    }

    private static long[] Kept(Dataset dataset, UsbProtocol protocol, Warnings warnings)
    {
        var categories = (protocol.CategoryIds ?? [.. dataset.Categories.Select(category => category.Id)]).ToHashSet();
        var annotated = dataset.GroundTruths.Where(o => categories.Contains(o.CategoryId)).Select(o => o.ImageId).ToHashSet();
        var wanted = protocol.ImageIds?.ToHashSet();
        var listed = dataset.Images.Where(image => wanted is null || wanted.Contains(image.Id)).DistinctBy(image => image.Id).ToList();
        long[] kept = [.. listed.Where(image => annotated.Contains(image.Id) && Math.Min(image.Width, image.Height) >= ShortestSide).Select(image => image.Id)];
        warnings.Add(listed.Count - kept.Length, $"{{0}} of {{1}} images are left out: they have no annotations, or a side below {ShortestSide} pixels.", listed.Count);
        return kept;
    }

    /// <summary>Width times height of each listed image.</summary>
    private sealed class ImagePixels
    {
        private readonly Dictionary<long, double> pixels;

        public ImagePixels(Dataset dataset)
        {
            pixels = new(dataset.Images.Count);
            foreach (var image in dataset.Images)
            {
                pixels[image.Id] = image is { Width: > 0, Height: > 0 }
                    ? (double)image.Width * image.Height
                    : throw new InvalidInputException($"image id {image.Id} is {image.Width} x {image.Height} pixels; relative scales need \"width\" and \"height\" above 0 of every image.");
            }
        }

        public double Of(long image) => pixels.TryGetValue(image, out var count)
            ? count
            : throw new InvalidInputException($"image id {image} is evaluated, and the dataset does not list it; relative scales need the size of every image.");
    }
}
