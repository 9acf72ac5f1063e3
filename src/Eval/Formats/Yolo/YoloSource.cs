using System.Globalization;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Yolo;

/// <summary>YOLO text: a label file a picture, with boxes or polygons in fractions of the picture's size.</summary>
/// <remarks>
/// <para>Layouts: a <c>data.yaml</c> that names the folders; <c>labels/&lt;split&gt;/</c> beside <c>images/&lt;split&gt;/</c>; <c>&lt;split&gt;/images/</c>
/// with <c>&lt;split&gt;/labels/</c>; or text files beside pictures (the split <c>all</c>).</para>
/// <para>Class n becomes category n + 1, images are numbered from 1 through all splits in the order of their paths. A picture without a label file has
/// no objects. The box of a polygon is drawn around it, its area is the polygon's. Sizes come from the pictures themselves.</para>
/// </remarks>
public sealed class YoloSource : DatasetSource
{
    private readonly YoloLayout layout;
    private readonly PictureSizeReader sizes;
    private readonly string root;

    private YoloSource(string path, YoloLayout layout, PictureSizeReader sizes) : base(path, DatasetFormat.Yolo)
    {
        (this.layout, this.sizes) = (layout, sizes);
        root = File.Exists(path) ? System.IO.Path.GetDirectoryName(path)! : path;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => [.. layout.Splits.Keys];

    /// <inheritdoc/>
    protected override string FaultRoot => root;

    /// <summary>Opens a folder or a <c>.yaml</c> file.</summary>
    /// <exception cref="InvalidInputException">There are no labelled pictures, or no way to read their sizes.</exception>
    public static YoloSource Open(string path, SourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sizes = options.PictureSize
            ?? throw new InvalidInputException($"{path}: YOLO labels are fractions of the picture's size, so a reader of picture sizes is needed.");
        return new(path, YoloLayout.Of(path, options.Within), sizes);
    }

    /// <inheritdoc/>
    public override int StepsOf(string split) => PicturesOf(split).Count;

    /// <inheritdoc/>
    public override async Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        var pictures = PicturesOf(split);
        var sized = await SizesAsync(pictures, progress, ct);
        using var hash = new FilesHash();
        var build = new SplitBuilder(layout.Splits.TakeWhile(other => other.Key != split).Sum(other => other.Value.Count));
        for (var i = 0; i < pictures.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var shown = Shown(pictures[i]);
            if (sized[i].Fault is { } fault)
                faults.Report(new(File.Exists(pictures[i]) ? FaultKinds.UnreadablePicture : FaultKinds.MissingPicture, new(shown, ""), "", fault));
            build.AddImage(NameOf(pictures[i]), pictures[i], shown, sized[i].Width, sized[i].Height);
            var labels = YoloLayout.LabelOf(pictures[i]);
            if (!File.Exists(labels))
                continue;
            var content = await File.ReadAllBytesAsync(labels, ct);
            hash.Add(Shown(labels), content);
            foreach (var label in YoloLabels.Read(Lines(content), Shown(labels), layout.Names.Count, faults))
                build.AddObject(label, Shown(labels));
        }
        ReportOrphans(pictures, faults);
        return build.Finish(split, Categories(build.HighestClass), hash.Text, root);
    }

    private IReadOnlyList<string> PicturesOf(string split) => layout.Splits.TryGetValue(split, out var pictures) ? pictures : throw NoSuchSplit(split);

    private async Task<(int Width, int Height, string? Fault)[]> SizesAsync(IReadOnlyList<string> pictures, IProgress<int>? progress, CancellationToken ct)
    {
        var found = new (int, int, string?)[pictures.Count];
        var done = 0;
        await Parallel.ForAsync(0, pictures.Count, ct, (i, _) =>
        {
            try
            {
                var (width, height) = sizes(pictures[i]);
                found[i] = (width, height, null);
            }
            catch (InvalidInputException fault)
            {
                found[i] = (0, 0, $"cannot be read: {fault.Message.TrimEnd('.')}");
            }
            progress?.Report(Interlocked.Increment(ref done));
            return ValueTask.CompletedTask;
        });
        return found;
    }

    private static void ReportFolder(string folder, HashSet<string> expected, Func<string, string> shown, IFaultSink faults)
    {
        foreach (var label in Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal))
        {
            if (!expected.Contains(label) && System.IO.Path.GetFileName(label) != "classes.txt")
                faults.Report(new(FaultKinds.LabelWithoutPicture, new(shown(label), ""), "", "belongs to no picture"));
        }
    }

    private void ReportOrphans(IReadOnlyList<string> pictures, IFaultSink faults)
    {
        var expected = pictures.Select(YoloLayout.LabelOf).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in expected.Select(label => System.IO.Path.GetDirectoryName(label)!).Distinct().Where(Directory.Exists).Order(StringComparer.Ordinal))
            ReportFolder(folder, expected, Shown, faults);
    }

    private IReadOnlyList<Category> Categories(int highest)
    {
        var count = Math.Max(layout.Names.Count, highest + 1);
        return [.. Enumerable.Range(0, count).Select(i => new Category(i + 1, i < layout.Names.Count ? layout.Names[i] : i.ToString(CultureInfo.InvariantCulture)))];
    }

    // Below images/ where the pictures are there, so that a dataset folder made of it has the same names.
    private string NameOf(string picture)
    {
        var images = System.IO.Path.Combine(layout.Root, "images");
        var name = PictureNames.Relative(images, picture);
        return name.StartsWith("../", StringComparison.Ordinal) ? PictureNames.Relative(layout.Root, picture) : name;
    }

    private string Shown(string path) => PictureNames.Relative(root.Length == 0 ? "." : root, path);

    private static IEnumerable<string> Lines(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content, writable: false));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private sealed class SplitBuilder(int firstImage)
    {
        private readonly List<ImageEntry> images = [];
        private readonly List<GroundTruth> objects = [];
        private readonly Dictionary<long, string> paths = [];
        private readonly SegmentationTable segmentations = new();
        private readonly RecordPlaces places = new((_, _) => "", (number, _) => $"line {number}");
        private bool hasPolygons;

        public int HighestClass { get; private set; } = -1;

        public void AddImage(string name, string path, string shown, int width, int height)
        {
            images.Add(new(firstImage + images.Count + 1, name, width, height));
            paths.Add(images[^1].Id, path);
            places.AddImage(shown, 0);
        }

        public void AddObject(YoloLabel label, string file)
        {
            var image = images[^1];
            HighestClass = Math.Max(HighestClass, label.Class);
            var box = label.IsPolygon ? YoloGeometry.Around(label.Numbers, image) : YoloGeometry.Box(label.Numbers, image);
            var area = label.IsPolygon ? YoloGeometry.Area(label.Numbers, image) : box.Width * box.Height;
            objects.Add(new(objects.Count + 1, image.Id, label.Class + 1, box.X1, box.Y1, box.Width, box.Height, area, false));
            if (label.IsPolygon)
                segmentations.AddPolygons(YoloGeometry.Pixels(label.Numbers, image), [label.Numbers.Length]);
            else
                segmentations.AddNone();
            hasPolygons |= label.IsPolygon;
            places.AddObject(file, label.Line);
        }

        public DatasetSplit Finish(string split, IReadOnlyList<Category> categories, string hash, string root)
        {
            var dataset = new Dataset(images, categories, objects, hash) { Segmentations = hasPolygons ? segmentations : null };
            return new(split, dataset, new KnownPictures(paths, root), places);
        }
    }
}
