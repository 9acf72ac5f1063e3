namespace Serve.Eval.Formats;

/// <summary>The format of a dataset on disk.</summary>
public enum DatasetFormat
{
    /// <summary>COCO JSON, and LVIS, which is COCO JSON with more fields.</summary>
    Coco,

    /// <summary>Pascal VOC: an XML file a picture.</summary>
    Voc,

    /// <summary>YOLO: a text file a picture.</summary>
    Yolo,

    /// <summary>Manga109 and Manga109-s: an XML file a book.</summary>
    Manga109,

    /// <summary>Waymo Open Dataset, version 2: Parquet files.</summary>
    Waymo,
}

/// <summary>Names of the formats.</summary>
public static class DatasetFormats
{
    /// <summary>All names: <c>coco</c>, <c>voc</c>, …</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<DatasetFormat>().Select(Name)];

    /// <summary>The name of a format.</summary>
    public static string Name(this DatasetFormat format) => format switch
    {
        DatasetFormat.Coco => "coco",
        DatasetFormat.Voc => "voc",
        DatasetFormat.Yolo => "yolo",
        DatasetFormat.Manga109 => "manga109",
        _ => "waymo",
    };

    /// <summary>The format of a name; null for none.</summary>
    public static DatasetFormat? Find(string name)
    {
        var at = Names.ToList().IndexOf(name);
        return at < 0 ? null : (DatasetFormat)at;
    }
}
