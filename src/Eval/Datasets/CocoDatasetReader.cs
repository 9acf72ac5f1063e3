namespace Serve.Eval.Datasets;

/// <summary>Reads COCO annotation files.</summary>
public static class CocoDatasetReader
{
    /// <summary>Reads a COCO annotation file.</summary>
    /// <exception cref="InvalidInputException">The file is not COCO JSON; the message names the file, the record and the fault.</exception>
    public static Task<Dataset> ReadAsync(string path, CancellationToken ct) => throw new NotImplementedException(path);
}
