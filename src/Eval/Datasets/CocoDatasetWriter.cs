using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Writes COCO annotation files, with LVIS's fields where a dataset has them. Every number reads back to the same double.</summary>
/// <remarks>Plain lists of run lengths are written in their text form, which says the same.</remarks>
public static class CocoDatasetWriter
{
    /// <summary>Writes an annotation file: under a temporary name first, then renamed.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(string path, Dataset dataset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        await OutputFile.WriteAsync(path, stream => WriteAsync(stream, dataset, ct), ct);
    }

    /// <summary>Writes annotations to a stream, which is not closed.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(Stream stream, Dataset dataset, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        await using var json = CocoJson.To(stream);
        json.WriteStartObject();
        json.WriteStartArray("images"u8);
        foreach (var image in dataset.Images)
        {
            Write(json, image);
            await json.FlushIfFullAsync(ct);
        }
        json.WriteEndArray();
        json.WriteStartArray("annotations"u8);
        for (var row = 0; row < dataset.GroundTruths.Count; row++)
        {
            Write(json, dataset, row);
            await json.FlushIfFullAsync(ct);
        }
        json.WriteEndArray();
        json.WriteStartArray("categories"u8);
        foreach (var category in dataset.Categories)
            Write(json, category);
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(ct);
    }

    private static void Write(Utf8JsonWriter json, ImageEntry image)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, image.Id);
        json.WriteString("file_name"u8, image.FileName);
        json.WriteNumber("width"u8, image.Width);
        json.WriteNumber("height"u8, image.Height);
        WriteIds(json, "neg_category_ids"u8, image.NegativeCategoryIds);
        WriteIds(json, "not_exhaustive_category_ids"u8, image.NotExhaustiveCategoryIds);
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
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
        if (category.Keypoints is not null)
        {
            json.WriteStartArray("keypoints"u8);
            foreach (var name in category.Keypoints)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Dataset dataset, int row)
    {
        var o = dataset.GroundTruths[row];
        var subject = $"annotation {o.Id} on image {o.ImageId}";
        json.WriteStartObject();
        json.WriteNumber("id"u8, o.Id);
        json.WriteNumber("image_id"u8, o.ImageId);
        json.WriteNumber("category_id"u8, o.CategoryId);
        json.WriteNumbers("bbox"u8, [o.X, o.Y, o.Width, o.Height], subject);
        CocoJson.RequireFinite(o.Area, subject);
        json.WriteNumber("area"u8, o.Area);
        json.WriteNumber("iscrowd"u8, o.IsCrowd ? 1 : 0);
        if (o.IsIgnored)
            json.WriteNumber("ignore"u8, 1);
        json.WriteSegmentation(dataset.Segmentations, row, subject);
        json.WriteKeypoints(dataset.Keypoints, row, subject);
        if (dataset.Keypoints?.LabelledOf(row) is >= 0 and var labelled)
            json.WriteNumber("num_keypoints"u8, labelled);
        json.WriteEndObject();
    }
}
