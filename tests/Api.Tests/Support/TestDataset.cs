using System.Text.Json;

namespace Serve.Api.Tests.Support;

/// <summary>Writes a dataset folder of small pictures with one object each.</summary>
internal static class TestDataset
{
    private const int Width = 64;
    private const int Height = 48;

    /// <summary>Writes <c>annotations/instances_test.json</c>, a smaller <c>val</c>, and the pictures.</summary>
    public static void Write(string folder, int images, bool masks = false)
    {
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        for (var i = 0; i < images; i++)
            File.WriteAllBytes(Path.Combine(folder, "images", $"{i}.png"), TestPictures.Png(i, Width, Height));
        WriteSplit(folder, "test", images, masks);
        WriteSplit(folder, "val", (images + 1) / 2, masks);
    }

    /// <summary>Writes a dataset of one split, <c>test</c>.</summary>
    public static void WriteOne(string folder, int images, bool masks = false)
    {
        Write(folder, images, masks);
        File.Delete(Path.Combine(folder, "annotations", "instances_val.json"));
    }

    private static void WriteSplit(string folder, string split, int images, bool masks)
    {
        var json = JsonSerializer.Serialize(new
        {
            images = Enumerable.Range(0, images).Select(i => new { id = i + 1, file_name = $"{i}.png", width = Width, height = Height }),
            categories = new[] { new { id = 1, name = "light" }, new { id = 2, name = "dark" } },
            annotations = Enumerable.Range(0, images).Select(i => Annotation(i, masks)),
        });
        File.WriteAllText(Path.Combine(folder, "annotations", $"instances_{split}.json"), json);
    }

    private static object Annotation(int i, bool masks)
    {
        var (x, y, w, h) = TestPictures.Rectangle(i, Width, Height);
        var polygons = masks ? new[] { new[] { x, y, x + w, y, x + w, y + h, x, y + h } } : null;
        return new { id = i + 1, image_id = i + 1, category_id = 1, bbox = new[] { x, y, w, h }, area = w * h, iscrowd = 0, segmentation = polygons };
    }
}
