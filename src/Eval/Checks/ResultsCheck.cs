using System.IO.Compression;
using Serve.Eval.Datasets;
using Serve.Eval.Formats.Results;
using Serve.Eval.Json;
using Serve.Eval.Masks;
using static System.FormattableString;

namespace Serve.Eval.Checks;

/// <summary>A results file that was read to its end, or as far as it is JSON or CSV.</summary>
/// <param name="Detections">The detections that can be read, in their order: the same as <see cref="CocoResults"/> reads where there is no fault.</param>
/// <param name="Faults">What is wrong, by rising place in the file: the first so many.</param>
/// <param name="FaultCount">How much is wrong.</param>
/// <param name="Unreadable">Why the file could not be read to its end; null where it was.</param>
/// <param name="IsTable">Whether it is a CSV table: then the faults have lines.</param>
public sealed record CheckedResults(DetectionTable Detections, IReadOnlyList<DetectionFault> Faults, long FaultCount, string? Unreadable, bool IsTable = false)
{
    /// <summary>A fault as a sentence.</summary>
    /// <param name="source">Name of the document.</param>
    /// <param name="fault">One of <see cref="Faults"/>.</param>
    public string Sentence(string source, DetectionFault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return IsTable ? $"{source}: {fault.OfLine()}" : $"{source}[{fault.Record}]: \"{fault.Field}\" {fault.Text}.";
    }
}

/// <summary>Reads a results file, COCO JSON or CSV, and tells all that is wrong with it at once: with the file, and with what it says of a dataset.</summary>
/// <remarks>
/// The content tells which it is: JSON begins with a bracket, and a table with a line of names (<see cref="CsvDetections"/>).
/// Refused is what an evaluation refuses or can make nothing of: what <see cref="CocoResults"/> cannot read, images that the dataset does not have, boxes of negative
/// size, and under protocols of masks, masks that cannot be drawn or are not of the size of their image. Categories that the dataset does not have are allowed:
/// the protocols do not count detections of them.
/// </remarks>
public static class ResultsCheck
{
    /// <summary>Bytes that tell what a document is.</summary>
    private const int StartLength = 1 << 12;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads and checks.</summary>
    /// <param name="stream">The document, compressed by gzip or not; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="dataset">What the detections are of; null where that is not known: then only the file is checked.</param>
    /// <param name="parts">What is kept of detections beyond their boxes.</param>
    /// <param name="most">How many faults are kept.</param>
    /// <param name="ct">Cancels between parts of the document.</param>
    public static async Task<CheckedResults> ReadAsync(
        Stream stream, string source, Dataset? dataset, AnnotationParts parts, int most, CancellationToken ct)
    {
        var faults = new DetectionFaults(most);
        var position = stream.CanSeek ? stream.Position : 0;
        await using var plain = await PlainStream.OfAsync(stream, ct);
        var start = new byte[StartLength];
        try
        {
            start = start[..await plain.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, ct)];
        }
        catch (InvalidDataException fault)
        {
            return new(CsvDetections.NewTable(parts), [], 0, $"{source}: {PlainStream.Reason(fault)}.");
        }
        await using var whole = new ResumedStream(start, plain);
        if (IsTable(start))
            return await ReadTableAsync(whole, plain is GZipStream, source, dataset, parts, faults, ct);
        if (!stream.CanSeek)
            return await ReadJsonAsync(whole, source, dataset, parts, faults, ct);
        // From the beginning: its length says how much room it takes.
        stream.Position = position;
        return await ReadJsonAsync(stream, source, dataset, parts, faults, ct);
    }

    private static bool IsTable(ReadOnlySpan<byte> start)
    {
        var text = start.StartsWith(ByteOrderMark) ? start[ByteOrderMark.Length..] : start;
        var first = text.IndexOfAnyExcept(" \t\r\n"u8);
        if (first < 0 || text[first] is (byte)'[' or (byte)'{')
            return false;
        text = text[first..];
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        return (end < 0 ? text : text[..end]).IndexOfAny(",;\t"u8) >= 0;
    }

    private static async Task<CheckedResults> ReadTableAsync(
        Stream stream, bool isCompressed, string source, Dataset? dataset, AnnotationParts parts, DetectionFaults faults, CancellationToken ct)
    {
        var table = CsvDetections.NewTable(parts);
        string? unreadable = null;
        try
        {
            await CsvDetections.ReadAsync(stream, isCompressed, source, dataset, isChecked: true, table, faults, ct);
        }
        catch (InvalidInputException fault)
        {
            unreadable = fault.Message;
        }
        return new(table, faults.Kept, faults.Count, unreadable, IsTable: true);
    }

    private static async Task<CheckedResults> ReadJsonAsync(
        Stream stream, string source, Dataset? dataset, AnnotationParts parts, DetectionFaults faults, CancellationToken ct)
    {
        var assembly = new CocoResultsAssembly(source, parts, faults);
        string? unreadable = null;
        try
        {
            await DocumentReading.ReadInOrderAsync(stream, assembly, DocumentReading.PartLength, hash: null, ct);
        }
        catch (InvalidInputException fault)
        {
            unreadable = fault.Message;
        }
        catch (InvalidDataException fault)
        {
            unreadable = $"{source}: {PlainStream.Reason(fault)}.";
        }
        if (dataset is not null)
            Check(assembly.Detections, dataset, faults, ct);
        return new(assembly.Detections, faults.Kept, faults.Count, unreadable);
    }

    private static void Check(DetectionTable table, Dataset dataset, DetectionFaults faults, CancellationToken ct)
    {
        var images = new Dictionary<long, ImageEntry>(dataset.Images.Count);
        // Of an image that is listed twice, the last entry counts, as where masks are compared.
        foreach (var image in dataset.Images)
            images[image.Id] = image;
        var (row, mask) = (0, new RunLengths());
        foreach (var record in faults.Records(table.Count))
        {
            if ((row & 0xfff) == 0)
                ct.ThrowIfCancellationRequested();
            var image = images.GetValueOrDefault(table.ImageIds[row]);
            if (image is null)
                faults.Tell(record, "image_id", $"is {table.ImageIds[row]}, which is not an image of the dataset ({images.Count} images)");
            var (width, height) = (table.Width[row], table.Height[row]);
            if (width < 0 || height < 0)
                faults.Tell(record, "bbox", Invariant($"has the width {width} and the height {height}; they must be 0 or more"));
            if (image is not null && table.Segmentations is { } masks)
                CheckMask(masks, row, image, mask, record, table, faults);
            row++;
        }
    }

    private static void CheckMask(
        SegmentationTable masks, int row, ImageEntry image, RunLengths mask, long record, DetectionTable table, DetectionFaults faults)
    {
        switch (masks.KindOf(row))
        {
            case SegmentationKind.None:
                // The mask of a detection without one is its box.
                if (SegmentationFaults.OfBox(table.X[row], table.Y[row], table.Width[row], table.Height[row], image.Height, image.Width) is { } box)
                    faults.Tell(record, "bbox", box);
                break;
            case SegmentationKind.Polygons:
                if (SegmentationFaults.Of(masks, row, image.Height, image.Width) is { } polygons)
                    faults.Tell(record, "segmentation", polygons);
                break;
            default:
                var (height, width) = masks.SizeOf(row);
                // Read here into memory that is used again; the fault is looked for only where there is one.
                if (!mask.TryRead(masks.TextOf(row), height, width))
                    faults.Tell(record, "segmentation", SegmentationFaults.Of(masks, row, image.Height, image.Width)!);
                else if (image is { Width: > 0, Height: > 0 } && (height, width) != (image.Height, image.Width))
                    faults.Tell(record, "segmentation", $"has the size [{height}, {width}]; its image has [{image.Height}, {image.Width}] (height, width)");
                break;
        }
    }
}
