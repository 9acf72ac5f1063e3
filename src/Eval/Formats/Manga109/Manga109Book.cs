using System.Globalization;
using System.Xml.Linq;
using Serve.Eval.Checks;

namespace Serve.Eval.Formats.Manga109;

/// <summary>An object on a page: two facing pages of a book, which are one picture.</summary>
/// <param name="Id">The annotation's id, which the file has in hexadecimal.</param>
/// <param name="Category">Id of its category.</param>
/// <param name="XMin">Left edge, pixels.</param>
/// <param name="YMin">Top edge.</param>
/// <param name="XMax">Right edge.</param>
/// <param name="YMax">Bottom edge.</param>
internal readonly record struct Manga109Object(long Id, long Category, int XMin, int YMin, int XMax, int YMax);

/// <summary>A page and what is on it.</summary>
internal sealed record Manga109Page(int Index, int Width, int Height, IReadOnlyList<Manga109Object> Objects);

/// <summary>Reads the annotation file of a book.</summary>
internal static class Manga109Book
{
    /// <summary>The types of annotations; their ids are their places, from 1, with their supercategories.</summary>
    public static IReadOnlyList<(string Name, string Supercategory)> Types { get; } = [("body", "character"), ("face", "character"), ("frame", "art"), ("text", "text")];

    /// <summary>The pages of a book; none where the file is no book, which is reported.</summary>
    /// <param name="content">The file.</param>
    /// <param name="file">Its path below the dataset's folder.</param>
    /// <param name="faults">Is told what is wrong; faulty objects are left out.</param>
    public static IReadOnlyList<Manga109Page> Read(byte[] content, string file, IFaultSink faults)
    {
        if (XmlFiles.Read(content, file, "book", faults) is not { } root)
            return [];
        var pages = new List<Manga109Page>();
        foreach (var page in root.Elements("pages").Elements("page"))
        {
            var place = new RecordPlace(file, $"page {page.Attribute("index")?.Value ?? "?"}");
            var (index, width, height) = (Number(page, "index", place, faults), Number(page, "width", place, faults), Number(page, "height", place, faults));
            if (index is { } at)
                pages.Add(new(at, width ?? 0, height ?? 0, ObjectsOf(page, file, place.Record, faults)));
        }
        return pages;
    }

    private static List<Manga109Object> ObjectsOf(XElement page, string file, string where, IFaultSink faults)
    {
        var objects = new List<Manga109Object>();
        foreach (var element in page.Elements())
        {
            var type = Types.ToList().FindIndex(known => known.Name == element.Name.LocalName);
            var text = element.Attribute("id")?.Value;
            var place = new RecordPlace(file, $"{where}, {element.Name.LocalName} {text ?? "without id"}");
            if (type < 0)
            {
                faults.Report(new(FaultKinds.UnknownCategory, place, "", $"is a <{element.Name.LocalName}>; allowed are {string.Join(", ", Types.Select(known => known.Name))}"));
                continue;
            }
            if (!long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
            {
                faults.Report(new(FaultKinds.WrongValue, place, "id", text is null ? "is missing; it must be a hexadecimal number" : $"is \"{text}\"; it must be a hexadecimal number"));
                continue;
            }
            var (x1, y1) = (Number(element, "xmin", place, faults), Number(element, "ymin", place, faults));
            var (x2, y2) = (Number(element, "xmax", place, faults), Number(element, "ymax", place, faults));
            if (x1 is not null && y1 is not null && x2 is not null && y2 is not null)
                objects.Add(new(id, type + 1, x1.Value, y1.Value, x2.Value, y2.Value));
        }
        return objects;
    }

    private static int? Number(XElement element, string attribute, RecordPlace place, IFaultSink faults)
    {
        var text = element.Attribute(attribute)?.Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        var kind = text is null ? FaultKinds.MissingField : FaultKinds.WrongValue;
        faults.Report(new(kind, place, attribute, $"is {(text is null ? "missing" : $"\"{text}\"")}; it must be a whole number{(attribute == "index" ? "" : " of pixels")}"));
        return null;
    }
}
