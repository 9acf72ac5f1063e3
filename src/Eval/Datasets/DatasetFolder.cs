using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>
/// A dataset on disk: <c>annotations/instances_&lt;split&gt;.json</c> (or <c>instances.json</c> when there is one split) and <c>images/</c>.
/// </summary>
public sealed class DatasetFolder
{
    /// <summary>What the split of a dataset is called that has only one.</summary>
    internal const string LoneSplit = "all";

    private const string Prefix = "instances_";
    private const string LoneFile = "instances.json";

    private readonly SortedDictionary<string, string> paths;

    private DatasetFolder(string path, string name, SortedDictionary<string, string> paths) => (Path, Name, this.paths) = (path, name, paths);

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Name of the dataset: that of the folder, unless it was opened under another.</summary>
    public string Name { get; }

    /// <summary>Names of the splits, sorted; a lone <c>instances.json</c> is the split <c>all</c>.</summary>
    public IReadOnlyList<string> Splits => [.. paths.Keys];

    /// <summary>Opens a dataset folder. The splits are those of this moment.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="name">Name of the dataset; null for that of the folder.</param>
    /// <exception cref="InvalidInputException">The folder or its annotations are missing; the message lists what was looked for.</exception>
    public static DatasetFolder Open(string path, string? name = null)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (!Directory.Exists(full))
            throw new InvalidInputException($"{path}: there is no such folder; a dataset is a folder with annotations/{Prefix}<split>.json (or annotations/{LoneFile}) and images/.");
        var annotations = System.IO.Path.Combine(full, "annotations");
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(annotations))
        {
            foreach (var file in Directory.EnumerateFiles(annotations, $"{Prefix}*.json"))
                paths.Add(System.IO.Path.GetFileNameWithoutExtension(file)[Prefix.Length..], file);
            var lone = System.IO.Path.Combine(annotations, LoneFile);
            if (paths.Count == 0 && File.Exists(lone))
                paths.Add(LoneSplit, lone);
        }
        if (paths.Count == 0)
            throw new InvalidInputException($"{path}: not a dataset folder; looked for annotations/{Prefix}<split>.json and annotations/{LoneFile}, and found neither.");
        return new(full, name ?? System.IO.Path.GetFileName(full), paths);
    }

    /// <summary>Path of a split's annotation file.</summary>
    /// <exception cref="InvalidInputException">There is no such split; the message lists those there are.</exception>
    public string AnnotationsPath(string split) => paths.TryGetValue(split, out var path)
        ? path
        : throw new InvalidInputException($"Dataset {Name} has no split \"{split}\"; it has {string.Join(", ", paths.Keys)}.");

    /// <summary>Reads the boxes of a split's annotations.</summary>
    /// <exception cref="InvalidInputException">There is no such split, or its file is not COCO JSON.</exception>
    public Task<Dataset> ReadAsync(string split, CancellationToken ct) => ReadAsync(split, AnnotationParts.Boxes, ct: ct);

    /// <summary>Reads a split's annotations.</summary>
    /// <param name="split">The split.</param>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="hash">Whether <see cref="Dataset.ContentHash"/> is wanted, which takes half of the reading's time; it is empty otherwise.</param>
    /// <param name="ct">Cancels between parts of the file.</param>
    /// <exception cref="InvalidInputException">There is no such split, or its file is not COCO JSON.</exception>
    public async Task<Dataset> ReadAsync(string split, AnnotationParts parts = AnnotationParts.Boxes, bool hash = true, CancellationToken ct = default)
    {
        var path = AnnotationsPath(split);
        // The name in messages begins with the dataset, so that a server's folders stay its own.
        var source = $"{Name}/annotations/{System.IO.Path.GetFileName(path)}";
        await using var file = InputFile.Open(path, source);
        return await CocoDatasetReader.ReadAsync(file, source, parts, hash: hash, ct: ct);
    }

    /// <summary>Path of an image's picture. Never outside the folder (symbolic links inside it are followed: who fills the folder places them).</summary>
    /// <exception cref="InvalidInputException">The file name points outside the <c>images</c> folder.</exception>
    public string ImagePath(ImageEntry image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var root = System.IO.Path.Combine(Path, "images") + System.IO.Path.DirectorySeparatorChar;
        var name = image.FileName;
        // An absolute name would replace the root in Combine; GetFullPath refuses NUL.
        var full = name.Length == 0 || name.Contains('\0') || System.IO.Path.IsPathRooted(name)
            ? null
            : System.IO.Path.GetFullPath(System.IO.Path.Combine(root, name));
        if (full is null || full.Length == root.Length || !full.StartsWith(root, StringComparison.Ordinal))
            throw new InvalidInputException($"Dataset {Name}: image {image.Id} has the file name \"{name}\"; it must be a relative path inside images/.");
        return full;
    }
}
