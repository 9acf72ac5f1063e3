using System.Globalization;
using System.Xml.Linq;
using Serve.Eval.Checks;

namespace Serve.Eval.Formats.Voc;

/// <summary>An object of a Pascal VOC file.</summary>
/// <param name="Number">Its place in the file, counted from one.</param>
/// <param name="Name">Its category.</param>
/// <param name="XMin">Left edge as the file has it.</param>
/// <param name="YMin">Top edge.</param>
/// <param name="XMax">Right edge.</param>
/// <param name="YMax">Bottom edge.</param>
/// <param name="IsDifficult">Nobody has to find it.</param>
internal sealed record VocObject(int Number, string Name, double XMin, double YMin, double XMax, double YMax, bool IsDifficult);

/// <summary>A Pascal VOC annotation file: a picture and its objects.</summary>
/// <param name="Stem">Name of the file without its extension, which is what split lists name.</param>
/// <param name="File">Path of the file below the dataset's folder.</param>
/// <param name="FileName">Name of the picture; empty where the file names none.</param>
/// <param name="Width">Width of the picture; 0 where the file does not say.</param>
/// <param name="Height">Height of the picture; 0 where the file does not say.</param>
/// <param name="Objects">The objects in file order.</param>
internal sealed record VocAnnotation(string Stem, string File, string FileName, int Width, int Height, IReadOnlyList<VocObject> Objects)
{
    /// <summary>Reads a file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="file">Its path below the dataset's folder.</param>
    /// <param name="faults">Is told what is wrong; faulty objects are left out.</param>
    /// <returns>Null where the file is no annotation file at all.</returns>
    public static VocAnnotation? Read(byte[] content, string file, IFaultSink faults)
    {
        if (XmlFiles.Read(content, file, "annotation", faults) is not { } root)
            return null;
        var size = root.Element("size");
        var objects = new List<VocObject>();
        var number = 0;
        foreach (var element in root.Elements("object"))
        {
            if (ReadObject(element, new(file, $"object {++number}"), number, faults) is { } found)
                objects.Add(found);
        }
        var fileName = root.Element("filename")?.Value.Trim() ?? "";
        return new(Path.GetFileNameWithoutExtension(file), file, fileName, Side(size, "width", file, faults), Side(size, "height", file, faults), objects);
    }

    private static int Side(XElement? size, string field, string file, IFaultSink faults)
    {
        if (size?.Element(field)?.Value.Trim() is not { Length: > 0 } text)
            return 0;
        // Some tools write 500.0.
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var side) && side == Math.Floor(side) && side is >= 0 and <= int.MaxValue)
            return (int)side;
        faults.Report(new(FaultKinds.WrongValue, new(file, "size"), field, $"is \"{text}\"; it must be a whole number of pixels"));
        return 0;
    }

    // Parts of an object (a person's head) have names and boxes of their own, so only its own elements count.
    private static VocObject? ReadObject(XElement element, RecordPlace place, int number, IFaultSink faults)
    {
        var name = element.Element("name")?.Value.Trim();
        if (string.IsNullOrEmpty(name))
        {
            faults.Report(new(FaultKinds.MissingField, place, "name", "is missing; it must be the name of a category"));
            return null;
        }
        if (element.Element("bndbox") is not { } box)
        {
            faults.Report(new(FaultKinds.MissingField, place, "bndbox", "is missing; it must hold xmin, ymin, xmax and ymax"));
            return null;
        }
        var (x1, y1, x2, y2) = (Edge(box, "xmin", place, faults), Edge(box, "ymin", place, faults), Edge(box, "xmax", place, faults), Edge(box, "ymax", place, faults));
        var difficult = element.Element("difficult")?.Value.Trim();
        if (difficult is not (null or "" or "0" or "1"))
            faults.Report(new(FaultKinds.WrongValue, place, "difficult", $"is \"{difficult}\"; it must be 0 or 1"));
        return x1 is null || y1 is null || x2 is null || y2 is null ? null : new(number, name, x1.Value, y1.Value, x2.Value, y2.Value, difficult == "1");
    }

    private static double? Edge(XElement box, string field, RecordPlace place, IFaultSink faults)
    {
        if (box.Element(field)?.Value.Trim() is not { Length: > 0 } text)
        {
            faults.Report(new(FaultKinds.MissingField, place, field, "is missing; it must be a number of pixels"));
            return null;
        }
        var parsed = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var edge);
        if (parsed && double.IsFinite(edge))
            return edge;
        faults.Report(new(parsed ? FaultKinds.NotFinite : FaultKinds.WrongValue, place, field, $"is \"{text}\"; it must be a finite number of pixels"));
        return null;
    }
}
