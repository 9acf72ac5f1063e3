using System.Xml;

namespace Serve.Eval.Formats;

/// <summary>Tells the format of a dataset from what is in its folder.</summary>
public static class FormatDetection
{
    private const string LookedFor = "looked for annotations/instances*.json (coco), Annotations/*.xml or *.xml with <annotation> (voc), "
        + "data.yaml, labels/ or *.txt beside pictures (yolo), annotations*/*.xml with <book> (manga109), camera_box/*.parquet (waymo)";

    /// <summary>The format of a dataset.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="InvalidInputException">There is nothing at the path, or nothing that is a dataset; the message says what was looked for.</exception>
    public static DatasetFormat Detect(string path)
    {
        if (File.Exists(path))
            return OfFile(path);
        if (!Directory.Exists(path))
            throw new InvalidInputException($"{path}: there is no such file or folder.");
        return OfFolder(path) ?? throw new InvalidInputException($"{path}: not a dataset in a known format; {LookedFor}.");
    }

    private static DatasetFormat OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" or ".gz" => DatasetFormat.Coco,
        ".yaml" or ".yml" => DatasetFormat.Yolo,
        _ => throw new InvalidInputException($"{path}: a dataset is a folder, a COCO .json (or .json.gz) file, or a YOLO .yaml file."),
    };

    private static DatasetFormat? OfFolder(string folder)
    {
        var subfolders = Directory.GetDirectories(folder);
        var annotations = subfolders.Where(sub => Path.GetFileName(sub).StartsWith("annotations", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (annotations.Any(sub => Has(sub, "instances*.json")))
            return DatasetFormat.Coco;
        if (Has(folder, "*.yaml") || Has(folder, "*.yml"))
            return DatasetFormat.Yolo;
        if (subfolders.Prepend(folder).Any(sub => Directory.Exists(Path.Combine(sub, "camera_box"))))
            return DatasetFormat.Waymo;
        if (annotations.Append(folder).Select(XmlFormat).FirstOrDefault(format => format is not null) is { } xml)
            return xml;
        if (subfolders.Prepend(folder).Any(sub => Directory.Exists(Path.Combine(sub, "labels"))) || HasLabelledPicture(folder))
            return DatasetFormat.Yolo;
        return null;
    }

    private static bool Has(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Any();

    private static bool HasLabelledPicture(string folder)
        => Directory.EnumerateFiles(folder).Any(file => PictureNames.IsPicture(file) && File.Exists(Path.ChangeExtension(file, ".txt")));

    private static DatasetFormat? XmlFormat(string folder)
    {
        var first = Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal).FirstOrDefault();
        return first is null ? null : RootElement(first) switch
        {
            "annotation" => DatasetFormat.Voc,
            "book" => DatasetFormat.Manga109,
            _ => null,
        };
    }

    private static string? RootElement(string path)
    {
        try
        {
            using var reader = XmlReader.Create(path, XmlFiles.Settings);
            return reader.MoveToContent() is XmlNodeType.Element ? reader.LocalName : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
