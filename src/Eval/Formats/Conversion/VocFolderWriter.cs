using System.Globalization;
using System.Text;
using System.Xml;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Voc;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Writes Pascal VOC: <c>Annotations/</c>, <c>ImageSets/Main/</c>, <c>JPEGImages/</c>, and <c>classes.txt</c> so that ids come back in order.</summary>
/// <remarks>Corners are xmin = x, ymin = y, xmax = x + width, ymax = y + height, the reverse of reading. Masks and keypoints are left out.</remarks>
/// <param name="folder">The folder, which is there and empty.</param>
internal sealed class VocFolderWriter(string folder) : FolderWriter(folder)
{
    /// <inheritdoc/>
    public override string PictureName(string split, ImageEntry image) => $"JPEGImages/{FlatName(image)}";

    /// <inheritdoc/>
    public override async Task<int> WriteSplitAsync(string split, Dataset dataset, ConversionNotes notes, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "JPEGImages"));
        var names = dataset.Categories.ToDictionary(category => category.Id, category => category.Name);
        var (stems, written) = (new StringBuilder(), 0);
        foreach (var image in dataset.Images)
        {
            ct.ThrowIfCancellationRequested();
            var stem = Path.GetFileNameWithoutExtension(FlatName(image));
            stems.Append(stem).Append('\n');
            var path = PathOf($"Annotations/{stem}.xml");
            if (File.Exists(path))
            {
                throw new InvalidInputException(
                    $"image {image.Id}: \"{image.FileName}\" needs Annotations/{stem}.xml, and so does another image; Pascal VOC has one folder of uniquely named files.");
            }
            written += Write(path, image, dataset.Of(image.Id), names, notes);
        }
        if (dataset.Segmentations is not null)
            notes.Add("set of masks left out: Pascal VOC's XML has boxes only");
        if (dataset.Keypoints is not null)
            notes.Add("set of keypoints left out: Pascal VOC's XML has boxes only");
        await File.WriteAllTextAsync(PathOf($"ImageSets/Main/{split}.txt"), stems.ToString(), ct);
        return written;
    }

    /// <inheritdoc/>
    public override Task FinishAsync(IReadOnlyList<DatasetSplit> splits, CancellationToken ct)
    {
        var names = splits.SelectMany(split => split.Dataset.Categories).Select(category => category.Name).Distinct();
        return File.WriteAllTextAsync(PathOf(VocClasses.FileName), string.Concat(names.Select(name => $"{name}\n")), ct);
    }

    // VOC's pictures lie in one folder, and lists name them without their extension.
    private static string FlatName(ImageEntry image) => NameOf(image).Replace('/', '_').Replace('\\', '_');

    private static int Write(string path, ImageEntry image, IReadOnlyList<GroundTruth> objects, Dictionary<long, string> names, ConversionNotes notes)
    {
        using var xml = XmlWriter.Create(path, new() { Indent = true, OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" });
        xml.WriteStartElement("annotation");
        xml.WriteElementString("filename", FlatName(image));
        xml.WriteStartElement("size");
        xml.WriteElementString("width", Text(image.Width));
        xml.WriteElementString("height", Text(image.Height));
        xml.WriteElementString("depth", "3");
        xml.WriteEndElement();
        var written = 0;
        foreach (var found in objects)
        {
            if (found.IsCrowd)
            {
                notes.Add("crowd regions left out: Pascal VOC has no mark for them");
                continue;
            }
            Write(xml, found, names[found.CategoryId]);
            written++;
        }
        xml.WriteEndElement();
        return written;
    }

    private static void Write(XmlWriter xml, GroundTruth found, string name)
    {
        xml.WriteStartElement("object");
        xml.WriteElementString("name", name);
        xml.WriteElementString("truncated", "0");
        xml.WriteElementString("difficult", found.IsIgnored ? "1" : "0");
        xml.WriteStartElement("bndbox");
        xml.WriteElementString("xmin", Text(found.Box.X1));
        xml.WriteElementString("ymin", Text(found.Box.Y1));
        xml.WriteElementString("xmax", Text(found.Box.X2));
        xml.WriteElementString("ymax", Text(found.Box.Y2));
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
