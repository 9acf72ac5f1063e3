using System.Globalization;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Yolo;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Results;

/// <summary>Reads detections from YOLO text: a file an image, a line a detection.</summary>
/// <remarks>
/// Lines: <c>class cx cy width height score</c>, or <c>class x1 y1 x2 y2 x3 y3 … score</c> for a polygon; fractions of the picture's size. The file is named
/// after the image's picture, with or without its folder. Class n is the category at place n of the dataset, or of that name where the folder has a
/// <c>classes.txt</c>. An image without a file has no detections.
/// </remarks>
public static class YoloDetections
{
    private const string ClassesFile = "classes.txt";
    private const int BoxFields = 6;
    private const string Allowed = "class cx cy width height score, or class, three or more points x y, and score";

    /// <summary>Reads a folder, or the folder <c>labels</c> in it.</summary>
    /// <exception cref="InvalidInputException">A file belongs to no image, or a line is no detection; the message names both.</exception>
    public static async Task<DetectionTable> ReadAsync(string folder, Dataset dataset, AnnotationParts parts, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var root = Directory.Exists(Path.Combine(folder, "labels")) ? Path.Combine(folder, "labels") : folder;
        var files = Directory.GetFiles(root, "*.txt", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != ClassesFile).Order(StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
            throw new InvalidInputException($"{folder}: holds no *.txt; YOLO results are a text file an image.");
        var images = ByStem(dataset);
        var categories = Categories(Path.Combine(root, ClassesFile), dataset);
        var table = new DetectionTable { Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new SegmentationTable() : null };
        foreach (var file in files)
        {
            var stem = Path.ChangeExtension(PictureNames.Relative(root, file), null);
            if (!images.TryGetValue(stem, out var image))
                throw new InvalidInputException($"{file}: belongs to no image of the dataset; the name must be that of a picture, with .txt in place of its extension.");
            if (image.Width == 0 || image.Height == 0)
                throw new InvalidInputException($"{file}: the dataset does not say how large image {image.Id} is, so fractions cannot become pixels.");
            var line = 0;
            await foreach (var text in File.ReadLinesAsync(file, ct))
            {
                line++;
                if (!string.IsNullOrWhiteSpace(text))
                    Add(table, text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), image, categories, $"{file}: line {line}");
            }
        }
        return table;
    }

    private static void Add(DetectionTable table, string[] fields, ImageEntry image, IReadOnlyList<long> categories, string place)
    {
        var isBox = fields.Length == BoxFields;
        if (!isBox && (fields.Length < BoxFields + 2 || fields.Length % 2 != 0))
            throw new InvalidInputException($"{place}: has {fields.Length} values; it must be {Allowed}.");
        if (!int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= categories.Count)
            throw new InvalidInputException($"{place}: the class is \"{fields[0]}\"; it must be 0 to {categories.Count - 1}.");
        var numbers = new double[fields.Length - 1];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!double.TryParse(fields[i + 1], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
                throw new InvalidInputException($"{place}: holds \"{fields[i + 1]}\"; it must be a finite number.");
        }
        var points = numbers.AsSpan(0, numbers.Length - 1);
        var box = isBox ? YoloGeometry.Box(points, image) : YoloGeometry.Around(points, image);
        if (isBox)
        {
            table.Add(image.Id, categories[number], box.X1, box.Y1, box.Width, box.Height, numbers[^1]);
            table.Segmentations?.AddNone();
            return;
        }
        table.Add(image.Id, categories[number], box.X1, box.Y1, box.Width, box.Height, numbers[^1], YoloGeometry.Area(points, image));
        table.Segmentations?.AddPolygons(YoloGeometry.Pixels(points, image), [points.Length]);
    }

    // By the path without its extension, and by the mere name where it is the only one of that name.
    private static Dictionary<string, ImageEntry> ByStem(Dataset dataset)
    {
        var byStem = new Dictionary<string, ImageEntry>(StringComparer.Ordinal);
        foreach (var image in dataset.Images)
            byStem.TryAdd(Path.ChangeExtension(image.FileName, null), image);
        foreach (var group in dataset.Images.GroupBy(image => Path.GetFileNameWithoutExtension(image.FileName)).Where(group => group.Count() == 1))
            byStem.TryAdd(group.Key, group.First());
        return byStem;
    }

    private static IReadOnlyList<long> Categories(string classes, Dataset dataset)
    {
        if (!File.Exists(classes))
            return [.. dataset.Categories.Select(category => category.Id)];
        var ids = dataset.Categories.DistinctBy(category => category.Name).ToDictionary(category => category.Name, category => category.Id, StringComparer.Ordinal);
        return
        [
            .. File.ReadLines(classes).Select(line => line.Trim()).Where(line => line.Length > 0).Select(name => ids.TryGetValue(name, out var id)
                ? id
                : throw new InvalidInputException($"{classes}: \"{name}\" is the name of no category of the dataset."))
        ];
    }
}
