using Serve.Eval;
using Serve.Inference.Pictures;

namespace Serve.Inference.Datasets;

/// <summary>A picture of a segment.</summary>
/// <param name="Frame">Index of its frame in the segment: the rank of the timestamp.</param>
/// <param name="Timestamp">Time of the frame, microseconds.</param>
/// <param name="Camera">1 front, 2 front left, 3 front right, 4 side left, 5 side right.</param>
/// <param name="Group">Row group of the picture's file.</param>
/// <param name="Row">Row in the group.</param>
/// <param name="Number">Row in the file, counted from one.</param>
internal readonly record struct WaymoPicture(int Frame, long Timestamp, long Camera, int Group, int Row, int Number);

/// <summary>A labelled box.</summary>
/// <param name="Timestamp">Time of its frame.</param>
/// <param name="Camera">Its camera.</param>
/// <param name="Type">Waymo's number of its type.</param>
/// <param name="X">Centre, pixels.</param>
/// <param name="Y">Centre, pixels.</param>
/// <param name="Width">Size across, pixels.</param>
/// <param name="Height">Size down, pixels.</param>
/// <param name="Number">Row in the file, counted from one.</param>
internal readonly record struct WaymoBox(long Timestamp, long Camera, long Type, double X, double Y, double Width, double Height, int Number);

/// <summary>The files of a segment: 20 seconds of driving, seen by five cameras.</summary>
/// <param name="folder">The split's folder, with one folder a component.</param>
/// <param name="fileName">Name of the segment's file in each of them.</param>
internal sealed class WaymoSegment(string folder, string fileName)
{
    private const string Time = "key.frame_timestamp_micros";
    private const string Camera = "key.camera_name";
    private const string Image = "[CameraImageComponent].image";
    private const string Calibration = "[CameraCalibrationComponent].";
    private const string Box = "[CameraBoxComponent].";

    /// <summary>The pictures' file, below the split's folder.</summary>
    public string ImageFile => $"camera_image/{fileName}";

    /// <summary>The boxes' file, below the split's folder.</summary>
    public string BoxFile => $"camera_box/{fileName}";

    /// <summary>All pictures, by frame and camera.</summary>
    public async Task<IReadOnlyList<WaymoPicture>> PicturesAsync(CancellationToken ct)
    {
        await using var table = await OpenAsync(ImageFile, ct);
        var pictures = new List<WaymoPicture>();
        for (var group = 0; group < table.Groups; group++)
        {
            var times = await table.IntegersAsync(group, Time, ct);
            var cameras = await table.IntegersAsync(group, Camera, ct);
            for (var row = 0; row < times.Length; row++)
                pictures.Add(new WaymoPicture(0, times[row], cameras[row], group, row, pictures.Count + 1));
        }

        var ranks = pictures.Select(picture => picture.Timestamp).Distinct().Order().Select((time, rank) => (time, rank)).ToDictionary();
        return [.. pictures.Select(picture => picture with { Frame = ranks[picture.Timestamp] }).OrderBy(picture => picture.Frame).ThenBy(picture => picture.Camera)];
    }

    /// <summary>All boxes, in file order.</summary>
    public async Task<IReadOnlyList<WaymoBox>> BoxesAsync(CancellationToken ct)
    {
        await using var table = await OpenAsync(BoxFile, ct);
        var boxes = new List<WaymoBox>();
        for (var group = 0; group < table.Groups; group++)
        {
            var times = await table.IntegersAsync(group, Time, ct);
            var cameras = await table.IntegersAsync(group, Camera, ct);
            var types = await table.IntegersAsync(group, $"{Box}type", ct);
            var x = await table.NumbersAsync(group, $"{Box}box.center.x", ct);
            var y = await table.NumbersAsync(group, $"{Box}box.center.y", ct);
            var width = await table.NumbersAsync(group, $"{Box}box.size.x", ct);
            var height = await table.NumbersAsync(group, $"{Box}box.size.y", ct);
            for (var row = 0; row < times.Length; row++)
                boxes.Add(new WaymoBox(times[row], cameras[row], types[row], x[row], y[row], width[row], height[row], boxes.Count + 1));
        }

        return boxes;
    }

    /// <summary>
    /// The sizes of pictures in their order: from the cameras' calibration where the segment has it, which spares reading the pictures; else from each picture.
    /// </summary>
    public async Task<IReadOnlyList<(int Width, int Height)>> SizesAsync(IReadOnlyList<WaymoPicture> pictures, CancellationToken ct)
    {
        if (File.Exists(Path.Combine(folder, "camera_calibration", fileName)))
        {
            var cameras = await CalibratedAsync(ct);
            if (pictures.All(picture => cameras.ContainsKey(picture.Camera)))
                return [.. pictures.Select(picture => cameras[picture.Camera])];
        }

        await using var table = await OpenAsync(ImageFile, ct);
        var sizes = new (int, int)[pictures.Count];
        foreach (var group in Enumerable.Range(0, pictures.Count).GroupBy(index => pictures[index].Group))
        {
            var encoded = await table.BytesAsync(group.Key, Image, ct);
            foreach (var index in group)
                sizes[index] = SizeOf(encoded[pictures[index].Row], pictures[index]);
        }

        return sizes;
    }

    /// <summary>The encoded pictures of a row group.</summary>
    public async Task<byte[][]> EncodedAsync(int group, CancellationToken ct)
    {
        await using var table = await OpenAsync(ImageFile, ct);
        return await table.BytesAsync(group, Image, ct);
    }

    private (int Width, int Height) SizeOf(byte[] encoded, WaymoPicture picture)
    {
        try
        {
            return PictureHeader.ReadSize(encoded);
        }
        catch (PictureException fault)
        {
            throw new InvalidInputException($"{Path.Combine(folder, ImageFile)}: row {picture.Number}: {fault.Message}", fault);
        }
    }

    private async Task<Dictionary<long, (int Width, int Height)>> CalibratedAsync(CancellationToken ct)
    {
        await using var table = await OpenAsync($"camera_calibration/{fileName}", ct);
        var sizes = new Dictionary<long, (int, int)>();
        for (var group = 0; group < table.Groups; group++)
        {
            var cameras = await table.IntegersAsync(group, Camera, ct);
            var widths = await table.IntegersAsync(group, $"{Calibration}width", ct);
            var heights = await table.IntegersAsync(group, $"{Calibration}height", ct);
            for (var row = 0; row < cameras.Length; row++)
                sizes[cameras[row]] = ((int)widths[row], (int)heights[row]);
        }

        return sizes;
    }

    private Task<ParquetTable> OpenAsync(string file, CancellationToken ct) => ParquetTable.OpenAsync(Path.Combine(folder, file), Path.Combine(folder, file), ct);
}
