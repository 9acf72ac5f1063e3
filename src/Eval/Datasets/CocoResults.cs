using System.Text.Json;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>Reads and writes COCO results files: an array of <c>{image_id, category_id, bbox, score}</c>. They may be compressed by gzip.</summary>
/// <remarks>
/// Read as the reference does: what the first detection has decides how all are read. With a <c>bbox</c>, every detection needs one, and its area is that of the
/// box; one without a mask has none in the table, and an evaluation of masks draws its box. Otherwise with a <c>segmentation</c>, every detection needs a mask as compressed run lengths, its area is that
/// of the mask, and the boxes that are missing are drawn around the masks. Otherwise with <c>keypoints</c>, box and area are those around the keypoints.
/// </remarks>
public static class CocoResults
{
    /// <summary>Reads the boxes of a results file.</summary>
    /// <exception cref="InvalidInputException">The file is not a COCO results array; the message names the file, the record and the fault.</exception>
    public static Task<DetectionTable> ReadAsync(string path, CancellationToken ct) => ReadAsync(path, AnnotationParts.Boxes, ct: ct);

    /// <summary>Reads a results file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is kept of detections beyond their boxes.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result is the same for any number.</param>
    /// <param name="ct">Cancels between parts of the file.</param>
    /// <exception cref="InvalidInputException">The file is not a COCO results array; the message names the file, the record and the fault.</exception>
    public static async Task<DetectionTable> ReadAsync(
        string path, AnnotationParts parts = AnnotationParts.Boxes, int threads = -1, CancellationToken ct = default)
    {
        await using var file = InputFile.Open(path, path);
        return await ReadAsync(file, path, parts, threads, ct);
    }

    /// <summary>Reads the boxes of results from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="ct">Cancels between parts of the document.</param>
    /// <exception cref="InvalidInputException">The document is not a COCO results array; the message names the document, the record and the fault.</exception>
    public static Task<DetectionTable> ReadAsync(Stream stream, string source, CancellationToken ct)
        => ReadAsync(stream, source, AnnotationParts.Boxes, ct: ct);

    /// <summary>Reads results from a stream. A file at its start is read in parts, any other stream from front to back.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="parts">What is kept of detections beyond their boxes.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result is the same for any number.</param>
    /// <param name="ct">Cancels between parts of the document.</param>
    /// <exception cref="InvalidInputException">The document is not a COCO results array; the message names the document, the record and the fault.</exception>
    public static Task<DetectionTable> ReadAsync(
        Stream stream, string source, AnnotationParts parts = AnnotationParts.Boxes, int threads = -1, CancellationToken ct = default)
        => ReadAsync(stream, source, parts, threads, DocumentReading.PartLength, ct);

    /// <summary>Reads results in parts of some length.</summary>
    internal static async Task<DetectionTable> ReadAsync(Stream stream, string source, AnnotationParts parts, int threads, int partLength, CancellationToken ct)
    {
        var assembly = new CocoResultsAssembly(source, parts);
        await DocumentReading.ReadAsync(stream, assembly, threads, partLength, hash: null, ct);
        return assembly.Detections;
    }

    /// <summary>Writes a results file, with masks and keypoints where the table has them, every number so that it reads back to the same double.</summary>
    /// <remarks>
    /// Where areas are not those of the boxes and every detection has run lengths, no boxes are written: then boxes and areas are those of the masks
    /// when the file is read. Otherwise areas are lost.
    /// </remarks>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(string path, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        await OutputFile.WriteAsync(path, stream => WriteAsync(stream, detections, ct), ct);
    }

    /// <summary>Writes results to a stream, which is not closed; otherwise the same.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(Stream stream, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        var withBoxes = !HaveMaskAreas(detections);
        await using var json = CocoJson.To(stream);
        json.WriteStartArray();
        for (var i = 0; i < detections.Count; i++)
        {
            Write(json, detections, i, withBoxes);
            await json.FlushIfFullAsync(ct);
        }
        json.WriteEndArray();
        await json.FlushAsync(ct);
    }

    private static bool HaveMaskAreas(DetectionTable detections)
    {
        if (detections.Segmentations is not { } masks)
            return false;
        var differ = false;
        for (var i = 0; i < detections.Count; i++)
        {
            if (masks.KindOf(i) is not (SegmentationKind.Text or SegmentationKind.List))
                return false;
            differ |= detections.Areas[i] != detections.Width[i] * detections.Height[i];
        }
        return differ;
    }

    private static void Write(Utf8JsonWriter json, DetectionTable detections, int i, bool withBoxes)
    {
        var subject = $"detection #{i + 1} on image {detections.ImageIds[i]}";
        json.WriteStartObject();
        json.WriteNumber("image_id"u8, detections.ImageIds[i]);
        json.WriteNumber("category_id"u8, detections.CategoryIds[i]);
        if (withBoxes)
            json.WriteNumbers("bbox"u8, [detections.X[i], detections.Y[i], detections.Width[i], detections.Height[i]], subject);
        json.WriteSegmentation(detections.Segmentations, i, subject);
        json.WriteKeypoints(detections.Keypoints, i, subject);
        CocoJson.RequireFinite(detections.Scores[i], subject);
        json.WriteNumber("score"u8, detections.Scores[i]);
        json.WriteEndObject();
    }
}
