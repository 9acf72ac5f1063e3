using System.Text.Json;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>Reads the inputs of golden cases, and other files without faults, in the plainest way: the whole document, property by property.</summary>
internal static class GoldenLoader
{
    private const int Values = KeypointTable.Values;

    public static Dataset Dataset(JsonElement gt)
    {
        var annotations = gt.GetProperty("annotations").EnumerateArray().ToArray();
        return new([.. List(gt, "images").Select(Image)], [.. List(gt, "categories").Select(Category)], [.. annotations.Select(Object)], "")
        {
            Keypoints = Keypoints(annotations),
            Segmentations = GoldenMasks.Table(annotations, outlinesOfBoxes: false),
        };
    }

    /// <summary>Detections; as in the references, the first decides where areas come from.</summary>
    public static DetectionTable Detections(JsonElement dt)
    {
        var records = dt.EnumerateArray().ToArray();
        var table = new DetectionTable { Keypoints = Keypoints(records), Segmentations = GoldenMasks.Table(records, outlinesOfBoxes: true) };
        var source = records.Length == 0 ? "bbox" : Array.Find(["bbox", "segmentation", "keypoints"], name => records[0].TryGetProperty(name, out _))!;
        foreach (var record in records)
        {
            var (x, y, width, height, area) = Extent(record, source);
            table.Add(Integer(record, "image_id"), Integer(record, "category_id"), x, y, width, height, record.GetProperty("score").GetDouble(), area);
        }
        return table;
    }

    private static ImageEntry Image(JsonElement image) => new(Integer(image, "id"), "", (int)Integer(image, "width", 0), (int)Integer(image, "height", 0))
    {
        NegativeCategoryIds = [.. List(image, "neg_category_ids").Select(id => id.GetInt64())],
        NotExhaustiveCategoryIds = [.. List(image, "not_exhaustive_category_ids").Select(id => id.GetInt64())],
    };

    private static Category Category(JsonElement category) => new(Integer(category, "id"), category.GetProperty("name").GetString()!)
    {
        Frequency = category.TryGetProperty("frequency", out var frequency) ? frequency.GetString() : null,
    };

    private static GroundTruth Object(JsonElement annotation)
    {
        var box = Numbers(annotation, "bbox");
        return new(
            Integer(annotation, "id"), Integer(annotation, "image_id"), Integer(annotation, "category_id"), box[0], box[1], box[2], box[3],
            annotation.GetProperty("area").GetDouble(), Integer(annotation, "iscrowd", 0) != 0)
        {
            IsIgnored = Integer(annotation, "ignore", 0) != 0 || Integer(annotation, "difficult", 0) != 0,
        };
    }

    private static KeypointTable? Keypoints(JsonElement[] records)
    {
        if (!records.Any(record => record.TryGetProperty("keypoints", out _)))
            return null;
        var table = new KeypointTable();
        foreach (var record in records)
            table.Add(Numbers(record, "keypoints"), (int)Integer(record, "num_keypoints", -1));
        return table;
    }

    private static (double X, double Y, double Width, double Height, double Area) Extent(JsonElement record, string source) => source switch
    {
        "bbox" => Numbers(record, source) is [var x, var y, var width, var height] ? (x, y, width, height, width * height) : throw new FormatException("No box."),
        "segmentation" => GoldenMasks.Extent(record.GetProperty(source)),
        _ => Extent(Numbers(record, source)),
    };

    private static (double X, double Y, double Width, double Height, double Area) Extent(double[] keypoints)
    {
        double[] xs = [.. keypoints.Where((_, i) => i % Values == 0)], ys = [.. keypoints.Where((_, i) => i % Values == 1)];
        var (width, height) = (xs.Max() - xs.Min(), ys.Max() - ys.Min());
        return (xs.Min(), ys.Min(), width, height, width * height);
    }

    private static JsonElement.ArrayEnumerator List(JsonElement record, string name) => record.TryGetProperty(name, out var list) ? list.EnumerateArray() : default;

    private static double[] Numbers(JsonElement record, string name) => [.. List(record, name).Select(number => number.GetDouble())];

    private static long Integer(JsonElement record, string name) => record.GetProperty(name).GetInt64();

    private static long Integer(JsonElement record, string name, long otherwise) => record.TryGetProperty(name, out var value) ? value.GetInt64() : otherwise;
}
