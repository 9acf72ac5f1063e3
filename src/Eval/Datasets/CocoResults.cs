namespace Serve.Eval.Datasets;

/// <summary>Reads and writes COCO results files: an array of <c>{image_id, category_id, bbox, score}</c>.</summary>
public static class CocoResults
{
    /// <summary>Reads a results file.</summary>
    /// <exception cref="InvalidInputException">The file is not a COCO results array; the message names the file, the record and the fault.</exception>
    public static Task<DetectionTable> ReadAsync(string path, CancellationToken ct) => throw new NotImplementedException(path);

    /// <summary>Writes a results file, every number so that it reads back to the same double.</summary>
    public static Task WriteAsync(string path, DetectionTable detections, CancellationToken ct) => throw new NotImplementedException(path);
}
