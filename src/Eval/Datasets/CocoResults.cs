using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Reads and writes COCO results files: an array of <c>{image_id, category_id, bbox, score}</c>.</summary>
/// <remarks>
/// Read as the reference does: where the first detection has a <c>bbox</c>, every detection needs one, and its area is that of the box;
/// where the first has only a mask, the boxes that are missing are drawn around the masks, and areas are those of the masks.
/// </remarks>
public static class CocoResults
{
    private const int FlushBytes = 1 << 16;

    /// <summary>Reads a results file.</summary>
    /// <exception cref="InvalidInputException">The file is not a COCO results array; the message names the file, the record and the fault.</exception>
    public static async Task<DetectionTable> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = InputFile.Open(path, path);
        return await ReadAsync(file, path, ct);
    }

    /// <summary>Reads results from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="ct">Cancels between windows of the file.</param>
    /// <exception cref="InvalidInputException">The document is not a COCO results array; the message names the document, the record and the fault.</exception>
    public static Task<DetectionTable> ReadAsync(Stream stream, string source, CancellationToken ct) => new CocoResultsParser(source).ReadAsync(stream, ct);

    /// <summary>Writes a results file, every number so that it reads back to the same double. Areas that are not those of the boxes are lost.</summary>
    /// <exception cref="InvalidInputException">A box or score is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(string path, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        await OutputFile.WriteAsync(path, stream => WriteAsync(stream, detections, ct), ct);
    }

    /// <summary>Writes results to a stream, which is not closed.</summary>
    /// <exception cref="InvalidInputException">A box or score is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(Stream stream, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        await using var json = new Utf8JsonWriter(stream);
        json.WriteStartArray();
        for (var i = 0; i < detections.Count; i++)
        {
            Write(json, detections, i);
            if (json.BytesPending > FlushBytes)
                await json.FlushAsync(ct);
        }
        json.WriteEndArray();
        await json.FlushAsync(ct);
    }

    private static void Write(Utf8JsonWriter json, DetectionTable detections, int i)
    {
        ReadOnlySpan<double> numbers = [detections.X[i], detections.Y[i], detections.Width[i], detections.Height[i], detections.Scores[i]];
        foreach (var number in numbers)
        {
            if (!double.IsFinite(number))
                throw new InvalidInputException($"detection #{i + 1} on image {detections.ImageIds[i]}: box and score hold {number}; every number must be finite.");
        }
        json.WriteStartObject();
        json.WriteNumber("image_id"u8, detections.ImageIds[i]);
        json.WriteNumber("category_id"u8, detections.CategoryIds[i]);
        json.WriteStartArray("bbox"u8);
        foreach (var number in numbers[..4])
            json.WriteNumberValue(number);
        json.WriteEndArray();
        json.WriteNumber("score"u8, numbers[4]);
        json.WriteEndObject();
    }
}
