using System.Text.Json;
using Serve.Inference.Pictures;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Masks;

namespace Serve.Inference.Scenes;

/// <summary>A written image and its annotations.</summary>
internal sealed record SceneImage(int Id, string FileName, string Domain, int Width, int Height, IReadOnlyList<SceneAnnotation> Annotations);

/// <summary>An annotation as the file has it. Only this is kept of a scene until its split is written.</summary>
internal sealed record SceneAnnotation(
    SceneCategory Category, bool IsCrowd, int X, int Y, int Width, int Height, int Area, IReadOnlyList<Vec[]>? Polygons, IReadOnlyList<int>? Counts)
{
    public static SceneAnnotation Of(SceneObject seen, Picture picture)
    {
        var mask = seen.Mask;
        var counts = seen.Polygons is null ? RunLengths.Of(mask, picture.Width, picture.Height) : null;
        return new(seen.Category, seen.IsCrowd, mask.X, mask.Y, mask.Width, mask.Height, mask.Area, seen.Polygons, counts);
    }
}

/// <summary>Writes a split's annotations as COCO JSON.</summary>
internal static class SceneJson
{
    /// <summary>Writes a file. It holds no date: the same scenes give the same bytes.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="seed">The dataset's seed, for the record.</param>
    /// <param name="images">The split's images.</param>
    /// <param name="firstAnnotation">Identifier of the first annotation.</param>
    /// <param name="ct">Stops the writing.</param>
    /// <returns>The identifier after the last.</returns>
    public static async Task<long> WriteAsync(string path, long seed, IReadOnlyList<SceneImage> images, long firstAnnotation, CancellationToken ct)
    {
        await using var file = File.Create(path);
        await using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        WriteInfo(json, seed);

        json.WriteStartArray("images");
        foreach (var image in images) WriteImage(json, image);
        json.WriteEndArray();

        json.WriteStartArray("annotations");
        foreach (var image in images)
        {
            foreach (var annotation in image.Annotations) WriteAnnotation(json, firstAnnotation++, image, annotation);
            await json.FlushAsync(ct);
        }

        json.WriteEndArray();
        json.WriteStartArray("categories");
        foreach (var category in Enum.GetValues<SceneCategory>()) WriteCategory(json, category);
        json.WriteEndArray();
        json.WriteEndObject();
        return firstAnnotation;
    }

    private static void WriteInfo(Utf8JsonWriter json, long seed)
    {
        json.WriteStartObject("info");
        json.WriteString("description", $"Demo scenes drawn by Serve, seed {seed}: domains photo, street and line-art");
        json.WriteString("version", "1");
        json.WriteEndObject();
        json.WriteStartArray("licenses");
        json.WriteStartObject();
        json.WriteNumber("id", 1);
        json.WriteString("name", "MIT");
        json.WriteString("url", "https://opensource.org/license/mit");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteImage(Utf8JsonWriter json, SceneImage image)
    {
        json.WriteStartObject();
        json.WriteNumber("id", image.Id);
        json.WriteString("file_name", image.FileName);
        json.WriteNumber("width", image.Width);
        json.WriteNumber("height", image.Height);
        json.WriteNumber("license", 1);
        json.WriteString("domain", image.Domain);
        json.WriteEndObject();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, long id, SceneImage image, SceneAnnotation annotation)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image.Id);
        json.WriteNumber("category_id", (int)annotation.Category);
        WriteNumbers(json, "bbox", [annotation.X, annotation.Y, annotation.Width, annotation.Height]);
        json.WriteNumber("area", annotation.Area);
        json.WriteNumber("iscrowd", annotation.IsCrowd ? 1 : 0);
        if (annotation.Counts is not null)
        {
            json.WriteStartObject("segmentation");
            WriteNumbers(json, "size", [image.Height, image.Width]);
            WriteNumbers(json, "counts", annotation.Counts.Select(c => (double)c));
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("segmentation");
            foreach (var polygon in annotation.Polygons!) WriteNumbers(json, null, polygon.SelectMany(p => new[] { p.X, p.Y }));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteCategory(Utf8JsonWriter json, SceneCategory category)
    {
        json.WriteStartObject();
        json.WriteNumber("id", (int)category);
        json.WriteString("name", category.ToString().ToLowerInvariant());
        json.WriteString("supercategory", category switch
        {
            SceneCategory.Person => "person",
            SceneCategory.Car => "vehicle",
            SceneCategory.Tree or SceneCategory.Flower => "plant",
            SceneCategory.Sign => "street",
            _ => "thing",
        });
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? name, IEnumerable<double> values)
    {
        if (name is null) json.WriteStartArray();
        else json.WriteStartArray(name);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
