using System.Security.Cryptography;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Reads COCO annotation files, and LVIS ones, which have some fields more. They may be compressed by gzip.</summary>
/// <remarks>
/// The file is an object with <c>images</c> (needed), <c>categories</c> and <c>annotations</c>; everything else is passed over. Needed in
/// each record: <c>id</c>, and in annotations <c>image_id</c>, <c>category_id</c> and <c>bbox</c> (where masks are read, a mask and its <c>area</c>
/// will do). Without <c>iscrowd</c> an object is no crowd; without <c>area</c> it has the area of its box; <c>ignore</c> and <c>difficult</c> both set
/// <see cref="GroundTruth.IsIgnored"/>. An image without <c>file_name</c> has the end of its <c>coco_url</c>. References between records are not
/// checked here: the COCO protocol leaves objects of unlisted images and categories out.
/// </remarks>
public static class CocoDatasetReader
{
    /// <summary>Reads the boxes of a COCO annotation file.</summary>
    /// <exception cref="InvalidInputException">The file is not COCO JSON; the message names the file, the record and the fault.</exception>
    public static Task<Dataset> ReadAsync(string path, CancellationToken ct) => ReadAsync(path, AnnotationParts.Boxes, ct: ct);

    /// <summary>Reads a COCO annotation file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result is the same for any number.</param>
    /// <param name="hash">Whether <see cref="Dataset.ContentHash"/> is wanted, which takes half of the reading's time; it is empty otherwise.</param>
    /// <param name="ct">Cancels between parts of the file.</param>
    /// <exception cref="InvalidInputException">The file is not COCO JSON; the message names the file, the record and the fault.</exception>
    public static async Task<Dataset> ReadAsync(
        string path, AnnotationParts parts = AnnotationParts.Boxes, int threads = -1, bool hash = true, CancellationToken ct = default)
    {
        await using var file = InputFile.Open(path, path);
        return await ReadAsync(file, path, parts, threads, hash, ct);
    }

    /// <summary>Reads the boxes of COCO annotations from a stream.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="ct">Cancels between parts of the document.</param>
    /// <exception cref="InvalidInputException">The document is not COCO JSON; the message names the document, the record and the fault.</exception>
    public static Task<Dataset> ReadAsync(Stream stream, string source, CancellationToken ct) => ReadAsync(stream, source, AnnotationParts.Boxes, ct: ct);

    /// <summary>Reads COCO annotations from a stream. A file at its start is read in parts, any other stream from front to back.</summary>
    /// <param name="stream">The JSON document; read to its end, not closed.</param>
    /// <param name="source">Name of the document in messages.</param>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result is the same for any number.</param>
    /// <param name="hash">Whether <see cref="Dataset.ContentHash"/> is wanted; it is empty otherwise.</param>
    /// <param name="ct">Cancels between parts of the document.</param>
    /// <exception cref="InvalidInputException">The document is not COCO JSON; the message names the document, the record and the fault.</exception>
    public static Task<Dataset> ReadAsync(
        Stream stream, string source, AnnotationParts parts = AnnotationParts.Boxes, int threads = -1, bool hash = true, CancellationToken ct = default)
        => ReadAsync(stream, source, parts, threads, DocumentReading.PartLength, hash, ct);

    /// <summary>Reads COCO annotations in parts of some length.</summary>
    internal static async Task<Dataset> ReadAsync(
        Stream stream, string source, AnnotationParts parts, int threads, int partLength, bool hash, CancellationToken ct)
    {
        using var bytes = hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        var assembly = new CocoDatasetAssembly(source, parts);
        await DocumentReading.ReadAsync(stream, assembly, threads, partLength, bytes, ct);
        return assembly.ToDataset(bytes is null ? "" : Convert.ToHexStringLower(bytes.GetHashAndReset()));
    }
}
