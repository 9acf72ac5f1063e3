using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Reads COCO annotation files.</summary>
/// <remarks>
/// The file is an object with <c>images</c> (needed), <c>categories</c> and <c>annotations</c>; everything else is passed over. Needed in
/// each record: <c>id</c>, and in annotations <c>image_id</c>, <c>category_id</c> and <c>bbox</c>. Without <c>iscrowd</c> an object is no
/// crowd; without <c>area</c> it has the area of its box. References between records are not checked here: the COCO protocol leaves
/// objects of unlisted images and categories out.
/// </remarks>
public static class CocoDatasetReader
{
    /// <summary>Reads a COCO annotation file.</summary>
    /// <exception cref="InvalidInputException">The file is not COCO JSON; the message names the file, the record and the fault.</exception>
    public static async Task<Dataset> ReadAsync(string path, CancellationToken ct)
    {
        await using var file = InputFile.Open(path, path);
        return await ReadAsync(file, path, ct);
    }

    /// <summary>Reads COCO annotations from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="ct">Cancels between windows of the file.</param>
    /// <exception cref="InvalidInputException">The document is not COCO JSON; the message names the document, the record and the fault.</exception>
    public static Task<Dataset> ReadAsync(Stream stream, string source, CancellationToken ct) => new CocoDatasetParser(source).ReadAsync(stream, ct);
}
