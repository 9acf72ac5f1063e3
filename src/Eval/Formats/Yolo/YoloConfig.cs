using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Serve.Eval.Formats.Yolo;

/// <summary>What a <c>data.yaml</c> says: where the pictures of each split are, and the names of the classes.</summary>
/// <param name="Root">Folder that relative paths start from.</param>
/// <param name="Splits">Folders of pictures, or text files that list pictures, by split.</param>
/// <param name="Names">Names of the classes, by number.</param>
internal sealed record YoloConfig(string Root, IReadOnlyDictionary<string, IReadOnlyList<string>> Splits, IReadOnlyList<string> Names)
{
    // Keys whose values may look like paths and are none.
    private static readonly string[] NoSplits = ["path", "names", "nc", "download", "yaml_file", "kpt_shape", "flip_idx", "roboflow"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="within">Folder outside of which nothing is read; null for anywhere.</param>
    /// <exception cref="InvalidInputException">It is not YAML, or lacks what is needed.</exception>
    public static YoloConfig Read(string path, string? within)
    {
        var map = Load(path);
        if (Child(map, "kpt_shape") is not null)
            throw new InvalidInputException($"{path}: \"kpt_shape\" is there, so its labels hold keypoints; only boxes and polygons are read.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var root = (Child(map, "path") as YamlScalarNode)?.Value is { Length: > 0 } named ? Path.GetFullPath(Path.Combine(folder, named)) : folder;
        // A dataset that was moved is found beside its file.
        if (!Directory.Exists(root) || PictureNames.Within(within, root) is null)
            root = folder;
        var splits = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (key, value) in map.Children)
        {
            if (key is YamlScalarNode { Value: { } split } && !NoSplits.Contains(split) && PathsOf(value, root, within) is { Count: > 0 } paths)
                splits.Add(split, paths);
        }
        if (splits.Count == 0)
            throw new InvalidInputException($"{path}: no split has pictures; \"train\", \"val\" or \"test\" must name a folder of pictures or a text file that lists them, below {root}.");
        return new(root, splits, NamesOf(map, path));
    }

    private static YamlMappingNode Load(string path)
    {
        try
        {
            using var text = new StreamReader(path);
            var yaml = new YamlStream();
            yaml.Load(text);
            return yaml.Documents.Count > 0 && yaml.Documents[0].RootNode is YamlMappingNode map
                ? map
                : throw new InvalidInputException($"{path}: is not a YAML mapping; it must have \"names\", and \"train\", \"val\" or \"test\".");
        }
        catch (YamlException fault)
        {
            throw new InvalidInputException($"{path}: not valid YAML at line {fault.Start.Line}, column {fault.Start.Column}: {fault.Message}", fault);
        }
    }

    private static YamlNode? Child(YamlMappingNode map, string key)
        => map.Children.TryGetValue(new YamlScalarNode(key), out var value) && value is not YamlScalarNode { Value: null or "" } ? value : null;

    private static IReadOnlyList<string> PathsOf(YamlNode value, string root, string? within) => value switch
    {
        YamlScalarNode { Value: { Length: > 0 } path } => [.. Existing(path, root, within)],
        YamlSequenceNode list => [.. list.Children.OfType<YamlScalarNode>().SelectMany(entry => Existing(entry.Value ?? "", root, within))],
        _ => [],
    };

    // Exported datasets often say ../train/images and mean train/images.
    private static IEnumerable<string> Existing(string path, string root, string? within)
    {
        var inside = path.StartsWith("../", StringComparison.Ordinal) ? path[3..] : path;
        return new[] { path, inside }.Select(candidate => Path.GetFullPath(Path.Combine(root, candidate))).Where(found => PictureNames.Within(within, found) is not null && Path.Exists(found)).Take(1);
    }

    private static IReadOnlyList<string> NamesOf(YamlMappingNode map, string path)
    {
        switch (Child(map, "names"))
        {
            case YamlSequenceNode list:
                return [.. list.Children.Select((entry, index) => (entry as YamlScalarNode)?.Value ?? throw Wrong(path, $"entry {index} of \"names\" is no text"))];
            case YamlMappingNode byNumber:
                var names = new SortedDictionary<int, string>();
                foreach (var (key, value) in byNumber.Children)
                {
                    if (!int.TryParse((key as YamlScalarNode)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || value is not YamlScalarNode { Value: { } name })
                        throw Wrong(path, $"\"names\" holds {key}: {value}");
                    names.Add(number, name);
                }
                // Numbers that have no name are classes all the same.
                var count = names.Count == 0 ? 0 : names.Keys.Last() + 1;
                return [.. Enumerable.Range(0, count).Select(number => names.GetValueOrDefault(number, number.ToString(CultureInfo.InvariantCulture)))];
            case null:
                return [];
            default:
                throw Wrong(path, "\"names\" is a single value");
        }
    }

    private static InvalidInputException Wrong(string path, string what)
        => new($"{path}: {what}; \"names\" must be a list of names, or a mapping of class numbers from 0 to names.");
}
