using System.Security.Cryptography;
using System.Text;
using Serve.Eval.Datasets;

namespace Serve.Api.Datasets;

/// <summary>
/// The hash of a dataset's files, which tells its versions apart: SHA-256 over their names below the dataset's folder and the SHA-256 of each, by rising name, whatever
/// archive or format they came in. Of datasets that are kept by the server all files count, also pictures; of those in the data folder, which may be huge and are looked
/// at often, the annotations.
/// </summary>
internal static class ContentHash
{
    /// <summary>Hash of all files in a folder, lower-case hexadecimal.</summary>
    public static async Task<string> OfFolderAsync(string folder, CancellationToken ct)
    {
        var files = new List<(string, string)>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            files.Add((Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'), await OfFileAsync(path, ct)));
        return Of(files);
    }

    /// <summary>Hash of a dataset's annotation files.</summary>
    /// <param name="folder">The dataset.</param>
    /// <param name="ofSplit">SHA-256 of a split's file.</param>
    public static string OfAnnotations(DatasetFolder folder, Func<string, string> ofSplit)
        => Of(folder.Splits.Select(split => ($"annotations/{Path.GetFileName(folder.AnnotationsPath(split))}", ofSplit(split))));

    /// <summary>SHA-256 of a file, lower-case hexadecimal.</summary>
    public static async Task<string> OfFileAsync(string path, CancellationToken ct)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
    }

    // A hash has a fixed length and no name holds NUL, so that no two lists of files read alike.
    private static string Of(IEnumerable<(string Name, string Hash)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files.OrderBy(file => file.Name, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{content} {name}\0"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
