using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serve.Inference.Repository;

/// <summary>A file of a version.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Name">Its path below the version's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Written">When it was written last, UTC.</param>
internal sealed record FoundFile(string Path, string Name, long Bytes, DateTime Written);

/// <summary>How a version lies in the models folder.</summary>
internal enum VersionLayout
{
    /// <summary><c>name/version/model.onnx</c></summary>
    VersionFolder,

    /// <summary><c>name/model.onnx</c>, version 1.</summary>
    NameFolder,

    /// <summary><c>name.onnx</c>, version 1.</summary>
    SingleFile,
}

/// <summary>The files of one version as they lay in the models folder at one moment.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Layout">How it lies there.</param>
/// <param name="Folder">The folder that holds its files.</param>
/// <param name="Graph">The ONNX file.</param>
/// <param name="Files">All files, by name.</param>
/// <param name="Fault">Why it cannot be served; null when nothing is known against it.</param>
internal sealed record FoundVersion(
    string Name, int Version, VersionLayout Layout, string Folder, string Graph, IReadOnlyList<FoundFile> Files, string? Fault)
{
    private static readonly string[] UnfinishedEndings = [".tmp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", "~"];
    private static readonly string[] TextEndings = [".json", ".txt", ".md", ".yaml", ".yml", ".jpg", ".png"];

    /// <summary>Changes whenever a file is added, removed, or written.</summary>
    public string Tag { get; } = TagOf(Files);

    /// <summary>A file that somebody is still writing, by its name; null when there is none.</summary>
    public string? Unfinished { get; } = Files.FirstOrDefault(file => IsUnfinished(file.Name))?.Name;

    /// <summary>Bytes of the graph and the weights beside it: what it will at least take in memory.</summary>
    public long Bytes { get; } = Files.Where(file => !TextEndings.Any(ending => file.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))).Sum(file => file.Bytes);

    /// <summary>True for names that programs give to files which they have not finished writing.</summary>
    public static bool IsUnfinished(string name) => UnfinishedEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string TagOf(IReadOnlyList<FoundFile> files)
    {
        var text = new StringBuilder();
        foreach (var file in files)
            text.Append(CultureInfo.InvariantCulture, $"{file.Name}\0{file.Bytes}\0{file.Written.Ticks}\0");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 10));
    }
}
