using System.Security.Cryptography;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Coco;

/// <summary>COCO JSON, and LVIS: a dataset folder with <c>annotations/instances_&lt;split&gt;.json</c>, or one annotation file.</summary>
/// <remarks>
/// Pictures are looked for in <c>images/</c>, <c>images/&lt;split&gt;/</c>, <c>&lt;split&gt;/</c> and the dataset's folder itself, so that COCO's own layout
/// (<c>val2017/</c> beside <c>annotations/</c>) is read as it comes, and LVIS, whose splits have pictures of both of COCO's, too.
/// </remarks>
public sealed class CocoSource : DatasetSource
{
    private const string Prefix = "instances_";

    private readonly SortedDictionary<string, string> files;
    private readonly string root;
    private readonly SourceOptions options;

    private CocoSource(string path, string root, SortedDictionary<string, string> files, SourceOptions options) : base(path, DatasetFormat.Coco)
        => (this.root, this.files, this.options) = (root, files, options);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => [.. files.Keys];

    /// <inheritdoc/>
    protected override string FaultRoot => root;

    /// <summary>Opens a folder or a file.</summary>
    /// <exception cref="InvalidInputException">There is no annotation file.</exception>
    public static CocoSource Open(string path, SourceOptions options)
    {
        if (File.Exists(path))
        {
            var parent = System.IO.Path.GetDirectoryName(path) ?? "";
            var root = System.IO.Path.GetFileName(System.IO.Path.GetFullPath(parent.Length == 0 ? "." : parent)) != "annotations" ? parent
                : System.IO.Path.GetFileName(parent) == "annotations" ? System.IO.Path.GetDirectoryName(parent)!
                : System.IO.Path.Combine(parent, "..");
            return new(path, root, new(StringComparer.Ordinal) { [SplitOf(path)] = path }, options);
        }
        var annotations = System.IO.Path.Combine(path, "annotations");
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(annotations))
        {
            foreach (var file in Directory.EnumerateFiles(annotations, "instances*.json"))
                files.TryAdd(SplitOf(file), file);
        }
        if (files.Count == 0)
            throw new InvalidInputException($"{path}: not a COCO dataset; looked for annotations/{Prefix}<split>.json and annotations/instances.json, and found neither.");
        // A folder with splits may keep a file of all of them beside; it would repeat every image.
        if (files.Count > 1)
            files.Remove(DatasetFolder.LoneSplit);
        return new(path, path, files, options);
    }

    /// <inheritdoc/>
    public override int StepsOf(string split) => files.ContainsKey(split) ? 1 : throw NoSuchSplit(split);

    /// <inheritdoc/>
    public override async Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        var (file, shown) = FileOf(split);
        var (dataset, places) = await ReadRecordsAsync(file, shown, faults, ct);
        progress?.Report(1);
        return new(split, dataset, new PicturesInFolders(Folders(split)), places);
    }

    /// <inheritdoc/>
    /// <remarks>By the evaluator's own reader, which is much faster, and refuses what an evaluation would refuse.</remarks>
    public override async Task<DatasetSplit> ReadAsync(string split, IProgress<int>? progress, CancellationToken ct)
    {
        var (file, shown) = FileOf(split);
        var (dataset, places) = await ReadStrictlyAsync(file, shown, ct);
        progress?.Report(1);
        return new(split, dataset, new PicturesInFolders(Folders(split)), places);
    }

    private (string Path, string Shown) FileOf(string split)
        => files.TryGetValue(split, out var file) ? (file, PictureNames.Relative(root.Length == 0 ? "." : root, file)) : throw NoSuchSplit(split);

    private static async Task<(Dataset Dataset, RecordPlaces Places)> ReadStrictlyAsync(string file, string shown, CancellationToken ct)
    {
        var dataset = WithoutEmptyParts(await CocoDatasetReader.ReadAsync(file, AnnotationParts.All, ct: ct));
        var places = CocoRecordReader.NewPlaces();
        for (var i = 1; i <= dataset.Images.Count; i++)
            places.AddImage(shown, i);
        for (var i = 1; i <= dataset.GroundTruths.Count; i++)
            places.AddObject(shown, i);
        return (dataset, places);
    }

    private static async Task<(Dataset Dataset, RecordPlaces Places)> ReadRecordsAsync(string file, string shown, IFaultSink faults, CancellationToken ct)
    {
        await using var stream = InputFile.Open(file, file);
        await using var plain = await PlainStream.OfAsync(stream, ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var records = new CocoRecordReader(shown, faults);
        try
        {
            await new JsonListWalker(shown, records.Add, faults).WalkAsync(plain, hash, ct);
        }
        catch (InvalidDataException fault)
        {
            faults.Report(new(FaultKinds.UnreadableFile, new(shown, ""), "", PlainStream.Reason(fault)));
        }
        return (records.Finish(Convert.ToHexStringLower(hash.GetCurrentHash())), records.Places);
    }

    // A table of nothing would be told as masks that another format cannot hold.
    private static Dataset WithoutEmptyParts(Dataset dataset) => new(dataset.Images, dataset.Categories, dataset.GroundTruths, dataset.ContentHash)
    {
        Segmentations = dataset.Segmentations is { } masks && Enumerable.Range(0, masks.Count).Any(row => masks.KindOf(row) is not SegmentationKind.None) ? masks : null,
        Keypoints = dataset.Keypoints is { } keypoints && Enumerable.Range(0, keypoints.Count).Any(row => keypoints.CountOf(row) > 0) ? keypoints : null,
    };

    private string[] Folders(string split)
    {
        if (options.Images is { } images)
            return [images];
        var home = root.Length == 0 ? "." : root;
        string[] names = ["images", System.IO.Path.Combine("images", split), split, "train2017", "val2017"];
        var below = names.Select(name => System.IO.Path.Combine(home, name)).Distinct();
        // The dataset's own folder is always there; it counts only where pictures lie in it.
        var own = Directory.EnumerateFiles(home).Any(PictureNames.IsPicture);
        return [.. below.Where(Directory.Exists), .. own ? [home] : Array.Empty<string>()];
    }

    private static string SplitOf(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        var stem = System.IO.Path.GetFileNameWithoutExtension(name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name);
        return stem.StartsWith(Prefix, StringComparison.Ordinal) && stem.Length > Prefix.Length ? stem[Prefix.Length..] : DatasetFolder.LoneSplit;
    }
}
