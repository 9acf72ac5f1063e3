using Parquet;
using Parquet.Schema;
using Serve.Inference.Pictures;

namespace Serve.Inference.Tests.Datasets;

/// <summary>Writes Parquet files as Waymo's version 2 has them: flat columns with dots in their names.</summary>
internal static class WaymoFiles
{
    /// <summary>A row of camera boxes.</summary>
    public readonly record struct BoxRow(long Timestamp, sbyte Camera, sbyte Type, double X, double Y, double Width, double Height);

    /// <summary>Writes <c>camera_image</c>: a picture for each timestamp and camera, in two row groups.</summary>
    public static async Task WriteImagesAsync(string path, IReadOnlyList<(long Timestamp, sbyte Camera, int Width, int Height)> rows)
    {
        var schema = new ParquetSchema(
            new DataField<string>("key.segment_context_name"), new DataField<long?>("key.frame_timestamp_micros"), new DataField<sbyte?>("key.camera_name"),
            new DataField<byte[]>("[CameraImageComponent].image"));
        await WriteAsync(path, schema, rows.Count, async (group, from, to) =>
        {
            var part = rows.Take(to).Skip(from).ToArray();
            await group.WriteAsync(schema.DataFields[0], [.. part.Select(_ => "segment")]);
            await group.WriteAsync<long>(schema.DataFields[1], part.Select(row => (long?)row.Timestamp).ToArray());
            await group.WriteAsync<sbyte>(schema.DataFields[2], part.Select(row => (sbyte?)row.Camera).ToArray());
            await group.WriteAsync(schema.DataFields[3], [.. part.Select(row => Jpeg(row.Width, row.Height))]);
        });
    }

    /// <summary>Writes <c>camera_box</c>, in two row groups.</summary>
    public static async Task WriteBoxesAsync(string path, IReadOnlyList<BoxRow> rows)
    {
        string[] numbers = ["box.center.x", "box.center.y", "box.size.x", "box.size.y"];
        var schema = new ParquetSchema([
            new DataField<long?>("key.frame_timestamp_micros"), new DataField<sbyte?>("key.camera_name"), new DataField<string>("key.camera_object_id"),
            .. numbers.Select(name => new DataField<double?>($"[CameraBoxComponent].{name}")), new DataField<sbyte?>("[CameraBoxComponent].type")]);
        await WriteAsync(path, schema, rows.Count, async (group, from, to) =>
        {
            var part = rows.Take(to).Skip(from).ToArray();
            await group.WriteAsync<long>(schema.DataFields[0], part.Select(row => (long?)row.Timestamp).ToArray());
            await group.WriteAsync<sbyte>(schema.DataFields[1], part.Select(row => (sbyte?)row.Camera).ToArray());
            await group.WriteAsync(schema.DataFields[2], [.. part.Select((_, index) => $"object {from + index}")]);
            await group.WriteAsync<double>(schema.DataFields[3], part.Select(row => (double?)row.X).ToArray());
            await group.WriteAsync<double>(schema.DataFields[4], part.Select(row => (double?)row.Y).ToArray());
            await group.WriteAsync<double>(schema.DataFields[5], part.Select(row => (double?)row.Width).ToArray());
            await group.WriteAsync<double>(schema.DataFields[6], part.Select(row => (double?)row.Height).ToArray());
            await group.WriteAsync<sbyte>(schema.DataFields[7], part.Select(row => (sbyte?)row.Type).ToArray());
        });
    }

    /// <summary>Writes <c>camera_calibration</c>: the size of each camera's pictures, in 32-bit columns without nulls.</summary>
    public static async Task WriteCalibrationAsync(string path, IReadOnlyList<(int Camera, int Width, int Height)> rows)
    {
        var schema = new ParquetSchema(
            new DataField<int>("key.camera_name"), new DataField<int>("[CameraCalibrationComponent].width"), new DataField<int>("[CameraCalibrationComponent].height"));
        await WriteAsync(path, schema, rows.Count, async (group, from, to) =>
        {
            var part = rows.Take(to).Skip(from).ToArray();
            await group.WriteAsync<int>(schema.DataFields[0], part.Select(row => row.Camera).ToArray());
            await group.WriteAsync<int>(schema.DataFields[1], part.Select(row => row.Width).ToArray());
            await group.WriteAsync<int>(schema.DataFields[2], part.Select(row => row.Height).ToArray());
        });
    }

    private static async Task WriteAsync(string path, ParquetSchema schema, int rows, Func<ParquetRowGroupWriter, int, int, Task> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema, file, null, false, TestContext.Current.CancellationToken);
        foreach (var (from, to) in ((int, int)[])[(0, rows / 2), (rows / 2, rows)])
        {
            if (from == to)
                continue;
            using var group = writer.CreateRowGroup();
            await write(group, from, to);
            group.CompleteValidate();
        }
    }

    private static byte[] Jpeg(int width, int height) => PictureEncoder.Encode(new Picture(width, height, new byte[width * height * 3]), "image/jpeg");
}
