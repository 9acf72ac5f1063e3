using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serve.Eval;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Inference.Datasets;

/// <summary>Waymo Open Dataset, version 2: the components <c>camera_image</c> and <c>camera_box</c>, two-dimensional boxes of all five cameras.</summary>
/// <remarks>
/// <para>A folder with <c>training/</c> and <c>validation/</c>, or one of these. Segments are numbered in the order of their file names, frames by the rank
/// of their timestamps; which frames are read is a choice (<see cref="WaymoFrames"/>).</para>
/// <para>Categories: 1 vehicle, 2 pedestrian, 3 cyclist (Waymo's types 1, 2 and 4); another type is a fault. Boxes: centre and size become
/// [cx - w/2, cy - h/2, w, h], the area is w times h, all rounded to six decimals. Images are numbered from 0 in the order of segments, frames and cameras,
/// as the USB benchmark's converter does; annotations from 1, because the reference evaluator never finds the one with id 0. Difficulties and tracks are
/// left out.</para>
/// </remarks>
public sealed class WaymoSource : DatasetSource
{
    private const int Decimals = 6;

    private static readonly Dictionary<long, long> CategoryOfType = new() { [1] = 1, [2] = 2, [4] = 3 };

    private static readonly Category[] Categories = [new(1, "vehicle"), new(2, "pedestrian"), new(3, "cyclist")];

    private static readonly string[] TypeNames = ["unknown", "vehicle", "pedestrian", "sign", "cyclist"];

    private readonly SortedDictionary<string, string> _folders;
    private readonly WaymoFrames _frames;

    private WaymoSource(string path, SortedDictionary<string, string> folders, WaymoFrames frames) : base(path, DatasetFormat.Waymo)
        => (_folders, _frames) = (folders, frames);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Splits => [.. _folders.Keys];

    /// <summary>Opens a folder.</summary>
    /// <exception cref="InvalidInputException">It holds no camera boxes, or no pictures for them.</exception>
    public static WaymoSource Open(string path, WaymoFrames frames)
    {
        var folders = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var folder in Directory.Exists(path) ? Directory.GetDirectories(path).Prepend(path) : [])
        {
            if (Directory.Exists(System.IO.Path.Combine(folder, "camera_box")))
                folders.TryAdd(System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder))), folder);
        }

        if (folders.Count == 0)
            throw new InvalidInputException($"{path}: not a Waymo dataset; looked for camera_box/*.parquet, here and in training/ and validation/, and found none.");
        foreach (var folder in folders.Values.Where(folder => !Directory.Exists(System.IO.Path.Combine(folder, "camera_image"))))
            throw new InvalidInputException($"{folder}: camera_box/ is there, camera_image/ is not; it has the pictures and says which frames there are.");
        return new WaymoSource(path, folders, frames);
    }

    /// <inheritdoc/>
    public override int StepsOf(string split) => SegmentsOf(split).Length;

    /// <inheritdoc/>
    public override async Task<DatasetSplit> ReadAsync(string split, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        var segments = SegmentsOf(split);
        var build = new SplitBuilder(split, PlacePrefix(split), faults);
        for (var sequence = 0; sequence < segments.Length; sequence++)
        {
            var segment = segments[sequence];
            var all = await segment.PicturesAsync(ct);
            var frames = _frames;
            var wanted = all.Where(picture => frames.Contains(picture.Frame)).ToArray();
            build.AddImages(segment, sequence, wanted, await segment.SizesAsync(wanted, ct));
            var known = all.Select(picture => (picture.Timestamp, picture.Camera)).ToHashSet();
            foreach (var box in await segment.BoxesAsync(ct))
                build.AddBox(segment, box, known);
            progress?.Report(sequence + 1);
        }

        return build.Finish(await HashAsync(segments, split, ct));
    }

    private string PlacePrefix(string split) => _folders[split] == Path ? "" : $"{split}/";

    private WaymoSegment[] SegmentsOf(string split)
    {
        if (!_folders.TryGetValue(split, out var folder))
            throw NoSuchSplit(split);
        return [.. Directory.GetFiles(System.IO.Path.Combine(folder, "camera_image"), "*.parquet").Order(StringComparer.Ordinal)
            .Select(file => new WaymoSegment(folder, System.IO.Path.GetFileName(file)))];
    }

    private async Task<string> HashAsync(IEnumerable<WaymoSegment> segments, string split, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(_frames.ToString()));
        foreach (var segment in segments)
        {
            await using var file = File.OpenRead(System.IO.Path.Combine(_folders[split], segment.BoxFile));
            hash.AppendData(await SHA256.HashDataAsync(file, ct));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class SplitBuilder(string split, string prefix, IFaultSink faults)
    {
        private readonly List<ImageEntry> _images = [];
        private readonly List<GroundTruth> _objects = [];
        private readonly Dictionary<long, (WaymoSegment, WaymoPicture)> _pictures = [];
        private readonly RecordPlaces _places = new((number, _) => $"row {number}", (number, _) => $"row {number}");
        private Dictionary<(long Timestamp, long Camera), long> _segmentImages = [];

        public void AddImages(WaymoSegment segment, int sequence, WaymoPicture[] pictures, IReadOnlyList<(int Width, int Height)> sizes)
        {
            _segmentImages = [];
            for (var i = 0; i < pictures.Length; i++)
            {
                var picture = pictures[i];
                var name = string.Create(CultureInfo.InvariantCulture, $"{split}_{sequence:00000}_{picture.Frame:00000}_camera{picture.Camera}.jpg");
                var image = new ImageEntry(_images.Count, name, sizes[i].Width, sizes[i].Height);
                if (!_segmentImages.TryAdd((picture.Timestamp, picture.Camera), image.Id))
                {
                    Report(FaultKinds.DuplicateImageId, segment.ImageFile, picture.Number, "key", $"is camera {picture.Camera} at {picture.Timestamp}, as of an earlier row");
                    continue;
                }

                _images.Add(image);
                _pictures.Add(image.Id, (segment, picture));
                _places.AddImage(prefix + segment.ImageFile, picture.Number);
            }
        }

        public void AddBox(WaymoSegment segment, WaymoBox box, HashSet<(long, long)> known)
        {
            if (!known.Contains((box.Timestamp, box.Camera)))
            {
                Report(FaultKinds.UnknownImage, segment.BoxFile, box.Number, "key", $"is camera {box.Camera} at {box.Timestamp}, which camera_image does not have");
                return;
            }

            if (!_segmentImages.TryGetValue((box.Timestamp, box.Camera), out var image))
                return;
            if (!CategoryOfType.TryGetValue(box.Type, out var category))
            {
                var name = box.Type >= 0 && box.Type < TypeNames.Length ? $" ({TypeNames[box.Type]})" : "";
                Report(FaultKinds.UnknownCategory, segment.BoxFile, box.Number, "type", $"is {box.Type}{name}; allowed are 1 (vehicle), 2 (pedestrian) and 4 (cyclist)");
                return;
            }

            var (width, height) = (Rounded(box.Width), Rounded(box.Height));
            _objects.Add(new GroundTruth(
                _objects.Count + 1, image, category, Rounded(box.X - (box.Width / 2)), Rounded(box.Y - (box.Height / 2)), width, height,
                Rounded(box.Width * box.Height), false));
            _places.AddObject(prefix + segment.BoxFile, box.Number);
        }

        public DatasetSplit Finish(string hash) => new(split, new Dataset(_images, Categories, _objects, hash), new WaymoPictures(_pictures), _places);

        private static double Rounded(double number) => Math.Round(number, Decimals);

        private void Report(FaultKind kind, string file, int row, string field, string text)
            => faults.Report(new Fault(kind, new RecordPlace(prefix + file, $"row {row}"), field, text));
    }
}
