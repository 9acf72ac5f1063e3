using Serve.Eval.Checks;
using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Manga109;

/// <summary>Manga109 and Manga109-s: <c>annotations*/&lt;book&gt;.xml</c> and <c>images/&lt;book&gt;/&lt;page&gt;.jpg</c>, in the splits of the USB benchmark.</summary>
/// <remarks>
/// Categories: 1 body, 2 face, 3 frame, 4 text. Boxes: width = xmax - xmin, area = width times height. Ids of annotations are those of the files (read as
/// hexadecimal numbers); images are numbered from 0 in the order of books and pages, as the benchmark's converter does. Books are in the order of
/// <c>books.txt</c> where it is there, else sorted by name. Where several <c>annotations.v…</c> folders are there, the last counts.
/// </remarks>
public sealed class Manga109Source : DatasetSource
{
    private readonly string annotations;
    private readonly string images;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>> splits;

    private Manga109Source(string path, string annotations, string images, IReadOnlyDictionary<string, IReadOnlyList<string>> splits) : base(path, DatasetFormat.Manga109)
        => (this.annotations, this.images, this.splits) = (annotations, images, splits);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => [.. splits.Keys];

    /// <inheritdoc/>
    public override bool DropsEmptyImages => true;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="InvalidInputException">It holds no books.</exception>
    public static Manga109Source Open(string path, SourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var folders = Directory.Exists(path) ? Directory.GetDirectories(path, "annotations*") : [];
        var annotations = folders.Where(folder => Directory.EnumerateFiles(folder, "*.xml").Any()).Order(StringComparer.Ordinal).LastOrDefault()
            ?? throw new InvalidInputException($"{path}: not a Manga109 dataset; looked for annotations*/*.xml and found none.");
        var books = Directory.GetFiles(annotations, "*.xml").Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal).ToArray();
        var list = System.IO.Path.Combine(path, "books.txt");
        if (File.Exists(list))
        {
            var order = File.ReadLines(list).Select(line => line.Trim()).Where(books.Contains).Distinct().ToArray();
            books = [.. order, .. books.Except(order)];
        }
        return new(path, annotations, options.Images ?? System.IO.Path.Combine(path, "images"), Manga109Splits.Of(books));
    }

    /// <inheritdoc/>
    public override int StepsOf(string split) => splits.TryGetValue(split, out var books) ? books.Count : throw NoSuchSplit(split);

    /// <inheritdoc/>
    public override void CheckWhole(IFaultSink faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        foreach (var (name, listed) in Manga109Splits.Listed)
            Report(name, listed, faults);
        var train = splits.Where(split => split.Key.EndsWith("train", StringComparison.Ordinal)).Sum(split => split.Value.Count);
        if (train != Manga109Splits.TrainBooks)
            Report($"holds {train} books for training; Manga109-s has {Manga109Splits.TrainBooks}", faults);
    }

    /// <inheritdoc/>
    public override async Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        if (!splits.TryGetValue(split, out var books))
            throw NoSuchSplit(split);
        var (entries, objects) = (new List<ImageEntry>(), new List<GroundTruth>());
        var places = new RecordPlaces((number, _) => $"page {number}", (number, id) => $"page {number}, {id:x8}");
        using var hash = new FilesHash();
        for (var i = 0; i < books.Count; i++)
        {
            var path = System.IO.Path.Combine(annotations, $"{books[i]}.xml");
            var (file, content) = (PictureNames.Relative(Path, path), await File.ReadAllBytesAsync(path, ct));
            hash.Add(file, content);
            foreach (var page in Manga109Book.Read(content, file, faults))
            {
                entries.Add(new(entries.Count, $"{books[i]}/{page.Index:000}.jpg", page.Width, page.Height));
                places.AddImage(file, page.Index);
                foreach (var found in page.Objects)
                {
                    objects.Add(Object(found, entries[^1].Id));
                    places.AddObject(file, page.Index);
                }
            }
            progress?.Report(i + 1);
        }
        Category[] categories = [.. Manga109Book.Types.Select((type, index) => new Category(index + 1, type.Name, type.Supercategory))];
        return new(split, new(entries, categories, objects, hash.Text), new PicturesInFolders([images]), places);
    }

    private static GroundTruth Object(Manga109Object found, long imageId)
    {
        var (width, height) = (found.XMax - found.XMin, found.YMax - found.YMin);
        return new(found.Id, imageId, found.Category, found.XMin, found.YMin, width, height, (double)width * height, false);
    }

    private void Report(string split, IReadOnlyList<string> wanted, IFaultSink faults)
    {
        var missing = wanted.Except(splits.GetValueOrDefault(split, [])).ToArray();
        if (missing.Length > 0)
            Report($"lacks {missing.Length} of the {wanted.Count} books of {split}: {string.Join(", ", missing)}", faults);
    }

    private void Report(string text, IFaultSink faults) => faults.Report(new(FaultKinds.MissingBooks, new(System.IO.Path.GetFileName(annotations), ""), "", text));
}
