using Serve.Eval.Checks;
using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Voc;

/// <summary>
/// Pascal VOC: <c>Annotations/*.xml</c> with <c>ImageSets/Main/&lt;split&gt;.txt</c>, or a folder of XML files, which is the split <c>all</c>.
/// </summary>
/// <remarks>
/// <para>Boxes: x = xmin, y = ymin, width = xmax - xmin, height = ymax - ymin, the corners taken as they stand. VOC counts pixels from one and means both
/// edges to be inside; that shift is a matter of the VOC protocol, not of the file. Writing VOC does the reverse, so a box comes back as it was.</para>
/// <para>Ids: images are numbered from 1 in the order of the names of all annotation files, objects in the order of their files, whatever the split, so that
/// an id means the same in each. <c>difficult</c> becomes <see cref="GroundTruth.IsIgnored"/>. Parts of objects, poses and <c>truncated</c> are left out.</para>
/// </remarks>
public sealed class VocSource : DatasetSource
{
    private readonly VocLayout layout;
    private readonly SourceOptions options;
    private Contents? contents;

    private VocSource(string path, VocLayout layout, SourceOptions options) : base(path, DatasetFormat.Voc) => (this.layout, this.options) = (layout, options);

    private sealed record Contents(IReadOnlyList<VocAnnotation?> Annotations, IReadOnlyList<Category> Categories, FaultList Faults, string Hash);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => [.. layout.Splits.Keys];

    /// <inheritdoc/>
    public override IReadOnlyList<string> DistinctSplits
        => Splits.Contains("train") && Splits.Contains("val") ? [.. Splits.Where(split => split != "trainval")] : Splits;

    /// <summary>Opens a folder.</summary>
    /// <exception cref="InvalidInputException">It holds no annotation files.</exception>
    public static VocSource Open(string path, SourceOptions options) => new(path, VocLayout.Of(path), options);

    /// <inheritdoc/>
    public override int StepsOf(string split) => layout.Splits.ContainsKey(split) ? layout.Annotations.Count : throw NoSuchSplit(split);

    /// <inheritdoc/>
    public override async Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        if (!layout.Splits.TryGetValue(split, out var stems))
            throw NoSuchSplit(split);
        // Names and numbers are those of the whole dataset, so every split needs all files.
        contents ??= await ReadAllAsync(progress, ct);
        progress?.Report(layout.Annotations.Count);
        var wanted = stems?.ToHashSet(StringComparer.Ordinal);
        contents.Faults.ReportTo(faults, file => wanted is null || wanted.Contains(System.IO.Path.GetFileNameWithoutExtension(file)));
        if (stems is not null)
            ReportUnlisted(stems, contents.Annotations, split, faults);
        return Select(split, contents, wanted, faults);
    }

    private async Task<Contents> ReadAllAsync(IProgress<int>? progress, CancellationToken ct)
    {
        var (annotations, faults) = (new List<VocAnnotation?>(), new FaultList());
        using var hash = new FilesHash();
        foreach (var path in layout.Annotations)
        {
            var content = await File.ReadAllBytesAsync(path, ct);
            var file = PictureNames.Relative(Path, path);
            hash.Add(file, content);
            annotations.Add(VocAnnotation.Read(content, file, faults));
            progress?.Report(annotations.Count);
        }
        var names = annotations.OfType<VocAnnotation>().SelectMany(annotation => annotation.Objects).Select(found => found.Name).ToHashSet(StringComparer.Ordinal);
        return new(annotations, VocClasses.Of(names, layout.Names), faults, hash.Text);
    }

    private static void ReportUnlisted(string[] stems, IReadOnlyList<VocAnnotation?> annotations, string split, IFaultSink faults)
    {
        var present = annotations.OfType<VocAnnotation>().Select(annotation => annotation.Stem).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < stems.Length; i++)
        {
            if (!present.Contains(stems[i]))
                faults.Report(new(FaultKinds.UnlistedImage, new($"ImageSets/Main/{split}.txt", $"line {i + 1}"), "", $"names \"{stems[i]}\"; there is no usable Annotations/{stems[i]}.xml"));
        }
    }

    private DatasetSplit Select(string split, Contents all, HashSet<string>? wanted, IFaultSink faults)
    {
        var ids = all.Categories.ToDictionary(category => category.Name, category => category.Id, StringComparer.Ordinal);
        var places = new RecordPlaces((_, _) => "", (number, _) => $"object {number}");
        var (images, objects, paths) = (new List<ImageEntry>(), new List<GroundTruth>(), new Dictionary<long, string>());
        var annotationId = 0L;
        for (var i = 0; i < all.Annotations.Count; i++)
        {
            if (all.Annotations[i] is not { } annotation)
                continue;
            if (wanted is not null && !wanted.Contains(annotation.Stem))
            {
                annotationId += annotation.Objects.Count;
                continue;
            }
            var image = Image(i + 1, annotation, paths, faults);
            images.Add(image);
            places.AddImage(annotation.File, 0);
            foreach (var found in annotation.Objects)
            {
                var (width, height) = (found.XMax - found.XMin, found.YMax - found.YMin);
                objects.Add(new(++annotationId, image.Id, ids[found.Name], found.XMin, found.YMin, width, height, width * height, false) { IsIgnored = found.IsDifficult });
                places.AddObject(annotation.File, found.Number);
            }
        }
        var folders = string.Join(", ", PictureFolders());
        return new(split, new(images, all.Categories, objects, all.Hash), new KnownPictures(paths, folders), places);
    }

    private ImageEntry Image(long id, VocAnnotation annotation, Dictionary<long, string> paths, IFaultSink faults)
    {
        var (name, path) = FindPicture(annotation);
        if (path is not null)
            paths.Add(id, path);
        var (width, height) = (annotation.Width, annotation.Height);
        if ((width == 0 || height == 0) && path is not null && options.PictureSize is not null)
        {
            try
            {
                (width, height) = options.PictureSize(path);
            }
            catch (InvalidInputException fault)
            {
                faults.Report(new(FaultKinds.UnreadablePicture, new(PictureNames.Relative(Path, path), ""), "", $"cannot be read: {fault.Message.TrimEnd('.')}"));
            }
        }
        return new(id, name, width, height);
    }

    // Some tools leave the file name out, write it without its extension, or with another folder's path.
    private (string Name, string? Path) FindPicture(VocAnnotation annotation)
    {
        var names = PictureNames.WithExtensions(annotation.Stem);
        foreach (var name in annotation.FileName.Length == 0 ? names : names.Prepend(annotation.FileName))
        {
            if (PictureFolders().Select(folder => PictureNames.Inside(folder, name)).FirstOrDefault(path => path is not null && File.Exists(path)) is { } path)
                return (name, path);
        }
        return (annotation.FileName.Length > 0 ? annotation.FileName : $"{annotation.Stem}.jpg", null);
    }

    private IReadOnlyList<string> PictureFolders() => options.Images is { } images
        ? [images]
        : [System.IO.Path.Combine(Path, "JPEGImages"), System.IO.Path.Combine(Path, "images"), Path, System.IO.Path.Combine(Path, "..", "images")];
}
