using System.Globalization;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Writes YOLO text: <c>images/&lt;split&gt;/</c>, <c>labels/&lt;split&gt;/</c> and <c>data.yaml</c>. Class n is the category at place n.</summary>
/// <param name="folder">The folder, which is there and empty.</param>
/// <param name="polygons">Whether objects with polygons are written as such.</param>
internal sealed class YoloFolderWriter(string folder, bool polygons) : FolderWriter(folder)
{
    /// <inheritdoc/>
    public override string PictureName(string split, ImageEntry image) => $"images/{split}/{NameIn(split, image)}";

    /// <inheritdoc/>
    public override async Task<int> WriteSplitAsync(string split, Dataset dataset, ConversionNotes notes, CancellationToken ct)
    {
        var rows = Enumerable.Range(0, dataset.GroundTruths.Count).ToLookup(row => dataset.GroundTruths[row].ImageId);
        var classes = dataset.Categories.Select((category, index) => (category.Id, index)).ToDictionary();
        var written = 0;
        foreach (var image in dataset.Images)
        {
            if (image.Width == 0 || image.Height == 0)
                throw new InvalidInputException($"image {image.Id} (\"{image.FileName}\"): the dataset does not say how large it is, and YOLO labels are fractions of the size.");
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(PictureName(split, image)))!);
            var text = new StringBuilder();
            foreach (var row in rows[image.Id])
            {
                if (Line(dataset, row, image, notes) is not { } line)
                    continue;
                text.Append(CultureInfo.InvariantCulture, $"{classes[dataset.GroundTruths[row].CategoryId]}").Append(line).Append('\n');
                written++;
            }
            await File.WriteAllTextAsync(PathOf($"labels/{split}/{Path.ChangeExtension(NameIn(split, image), ".txt")}"), text.ToString(), ct);
        }
        if (dataset.Keypoints is not null)
            notes.Add("set of keypoints left out: only boxes and polygons are written");
        return written;
    }

    /// <inheritdoc/>
    public override Task FinishAsync(IReadOnlyList<DatasetSplit> splits, CancellationToken ct)
    {
        var text = new StringBuilder();
        foreach (var split in splits)
            text.Append(CultureInfo.InvariantCulture, $"{split.Name}: images/{split.Name}\n");
        text.Append("names:\n");
        var categories = splits[0].Dataset.Categories;
        if (splits.Any(split => !split.Dataset.Categories.Select(category => category.Name).SequenceEqual(categories.Select(category => category.Name))))
            throw new InvalidInputException("the splits list different categories; YOLO has one list of classes for all.");
        for (var i = 0; i < categories.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $"  {i}: '{categories[i].Name.Replace("'", "''", StringComparison.Ordinal)}'\n");
        return File.WriteAllTextAsync(PathOf("data.yaml"), text.ToString(), ct);
    }

    // A split that is part of the name already does not occur twice in the path.
    private static string NameIn(string split, ImageEntry image)
    {
        var name = NameOf(image);
        return split != DatasetFolder.LoneSplit && name.StartsWith($"{split}/", StringComparison.Ordinal) ? name[(split.Length + 1)..] : name;
    }

    private string? Line(Dataset dataset, int row, ImageEntry image, ConversionNotes notes)
    {
        var found = dataset.GroundTruths[row];
        if (found.IsCrowd)
        {
            notes.Add("crowd regions left out: YOLO text has no mark for them");
            return null;
        }
        if (found.IsIgnored)
            notes.Add("ignored (difficult) objects written as ordinary ones: YOLO text has no mark for them");
        if (polygons && dataset.Segmentations is { } masks && masks.KindOf(row) is SegmentationKind.Polygons)
            return Fractions(YoloRing.Of(masks.PolygonsOf(row)), image);
        var box = found.Box;
        var cut = new Box(Math.Clamp(box.X1, 0, image.Width), Math.Clamp(box.Y1, 0, image.Height), Math.Clamp(box.X2, 0, image.Width), Math.Clamp(box.Y2, 0, image.Height));
        if (cut != box)
            notes.Add("boxes cut at the rim of their image: YOLO labels do not reach outside");
        if (polygons)
        {
            // Readers take a file with polygons for one of polygons only, and a box in it for two points.
            notes.Add("objects without polygons written as the four corners of their boxes");
            return Fractions([cut.X1, cut.Y1, cut.X2, cut.Y1, cut.X2, cut.Y2, cut.X1, cut.Y2], image);
        }
        return Fractions([(cut.X1 + cut.X2) / 2, (cut.Y1 + cut.Y2) / 2, cut.Width, cut.Height], image);
    }

    // Ten digits: a ten-thousandth of a pixel in a picture of a million.
    private static string Fractions(IReadOnlyList<double> pixels, ImageEntry image)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pixels.Count; i++)
            text.Append(CultureInfo.InvariantCulture, $" {Math.Clamp(pixels[i] / (i % 2 == 0 ? image.Width : image.Height), 0, 1):0.##########}");
        return text.ToString();
    }
}
