using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Results;

/// <summary>Reads detections in each format that results come in: COCO JSON, CSV, or a folder of YOLO text files.</summary>
public static class Detections
{
    /// <summary>Reads detections. A folder holds YOLO text, a <c>.csv</c> or <c>.csv.gz</c> file is CSV, every other file is COCO JSON.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="dataset">What the detections are of: names become ids, and fractions of a picture become pixels.</param>
    /// <param name="parts">What is kept beyond boxes.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="InvalidInputException">The detections cannot be read; the message says where and why.</exception>
    public static Task<DetectionTable> ReadAsync(string path, Dataset dataset, AnnotationParts parts, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (Directory.Exists(path))
            return YoloDetections.ReadAsync(path, dataset, parts, ct);
        return IsCsv(path)
            ? CsvDetections.ReadAsync(path, dataset, parts, ct)
            : CocoResults.ReadAsync(path, parts, ct: ct);
    }

    private static bool IsCsv(string path)
        => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase);
}
