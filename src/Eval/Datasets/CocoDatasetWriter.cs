using System.Text;
using System.Text.Json;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>Writes COCO annotation files, with what LVIS adds where a dataset has it. Every number reads back to the same double.</summary>
public static class CocoDatasetWriter
{
    private const int FlushBytes = 1 << 16;

    /// <summary>Writes a file.</summary>
    /// <exception cref="InvalidInputException">A box or area is not finite, which JSON cannot hold.</exception>
    public static Task WriteAsync(string path, Dataset dataset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return OutputFile.WriteAsync(path, stream => WriteAsync(stream, dataset, ct), ct);
    }

    private static async Task WriteAsync(Stream stream, Dataset dataset, CancellationToken ct)
    {
        await using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteStartArray("images"u8);
        foreach (var image in dataset.Images)
        {
            Write(json, image);
            await FlushAsync(json, ct);
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations"u8);
        for (var i = 0; i < dataset.GroundTruths.Count; i++)
        {
            Write(json, dataset, i);
            await FlushAsync(json, ct);
        }
        json.WriteEndArray();
        json.WriteStartArray("categories"u8);
        foreach (var category in dataset.Categories)
            Write(json, category);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(ct);
    }

    private static async Task FlushAsync(Utf8JsonWriter json, CancellationToken ct)
    {
        if (json.BytesPending > FlushBytes)
            await json.FlushAsync(ct);
    }

    private static void Write(Utf8JsonWriter json, ImageEntry image)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, image.Id);
        json.WriteString("file_name"u8, image.FileName);
        json.WriteNumber("width"u8, image.Width);
        json.WriteNumber("height"u8, image.Height);
        if (image.NegativeCategoryIds.Count > 0)
            Write(json, "neg_category_ids", image.NegativeCategoryIds);
        if (image.NotExhaustiveCategoryIds.Count > 0)
            Write(json, "not_exhaustive_category_ids", image.NotExhaustiveCategoryIds);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Category category)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, category.Id);
        json.WriteString("name"u8, category.Name);
        if (category.Supercategory is not null)
            json.WriteString("supercategory"u8, category.Supercategory);
        if (category.Frequency is not null)
            json.WriteString("frequency"u8, category.Frequency);
        if (category.Keypoints is { } names)
        {
            json.WriteStartArray("keypoints"u8);
            foreach (var name in names)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Dataset dataset, int row)
    {
        var found = dataset.GroundTruths[row];
        if (!double.IsFinite(found.X + found.Y + found.Width + found.Height + found.Area))
            throw new InvalidInputException($"annotation {found.Id} on image {found.ImageId}: box or area holds a number that is not finite; JSON cannot hold it.");
        json.WriteStartObject();
        json.WriteNumber("id"u8, found.Id);
        json.WriteNumber("image_id"u8, found.ImageId);
        json.WriteNumber("category_id"u8, found.CategoryId);
        Write(json, "bbox", [found.X, found.Y, found.Width, found.Height]);
        json.WriteNumber("area"u8, found.Area);
        json.WriteNumber("iscrowd"u8, found.IsCrowd ? 1 : 0);
        if (found.IsIgnored)
            json.WriteNumber("ignore"u8, 1);
        if (dataset.Segmentations is { } masks)
            Write(json, masks, row);
        if (dataset.Keypoints is { } keypoints)
            Write(json, keypoints, row);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SegmentationTable masks, int row)
    {
        switch (masks.KindOf(row))
        {
            case SegmentationKind.None:
                break;
            case SegmentationKind.Polygons:
                json.WriteStartArray("segmentation"u8);
                foreach (var points in masks.PolygonsOf(row))
                {
                    json.WriteStartArray();
                    foreach (var number in points)
                        json.WriteNumberValue(number);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                break;
            default:
                var (height, width) = masks.SizeOf(row);
                json.WriteStartObject("segmentation"u8);
                Write(json, "size", [height, width]);
                json.WriteString("counts"u8, Encoding.UTF8.GetString(masks.TextOf(row)));
                json.WriteEndObject();
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, KeypointTable keypoints, int row)
    {
        if (keypoints.CountOf(row) > 0)
        {
            var values = new double[keypoints.CountOf(row) * KeypointTable.Values];
            keypoints.CopyTo(row, values);
            Write(json, "keypoints", values);
        }
        if (keypoints.LabelledOf(row) >= 0)
            json.WriteNumber("num_keypoints"u8, keypoints.LabelledOf(row));
    }

    private static void Write(Utf8JsonWriter json, string name, ReadOnlySpan<double> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
