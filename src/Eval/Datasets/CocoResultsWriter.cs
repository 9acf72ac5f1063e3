using System.Globalization;
using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Writes COCO result files: a list of detections, in the order of the table. Every number reads back to the same double.</summary>
public static class CocoResultsWriter
{
    /// <summary>Writes a result file: under a temporary name first, then renamed.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(string path, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        await OutputFile.WriteAsync(path, stream => WriteAsync(stream, detections, ct), ct);
    }

    /// <summary>Writes results to a stream, which is not closed.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static async Task WriteAsync(Stream stream, DetectionTable detections, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(detections);
        await using var json = CocoJson.To(stream);
        json.WriteStartArray();
        for (var row = 0; row < detections.Count; row++)
        {
            Write(json, detections, row);
            await json.FlushIfFullAsync(ct);
        }
        json.WriteEndArray();
        await json.FlushAsync(ct);
    }

    private static void Write(Utf8JsonWriter json, DetectionTable table, int row)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"detection #{row + 1} on image {table.ImageIds[row]}");
        json.WriteStartObject();
        json.WriteNumber("image_id"u8, table.ImageIds[row]);
        json.WriteNumber("category_id"u8, table.CategoryIds[row]);
        json.WriteNumbers("bbox"u8, [table.X[row], table.Y[row], table.Width[row], table.Height[row]], subject);
        CocoJson.RequireFinite(table.Scores[row], subject);
        json.WriteNumber("score"u8, table.Scores[row]);
        json.WriteSegmentation(table.Segmentations, row, subject);
        json.WriteKeypoints(table.Keypoints, row, subject);
        json.WriteEndObject();
    }
}
