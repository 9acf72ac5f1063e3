using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Yolo;

/// <summary>The pictures of a YOLO dataset by split, and the names of its classes.</summary>
/// <param name="Root">Folder that file names are relative to.</param>
/// <param name="Splits">Pictures of each split, sorted.</param>
/// <param name="Names">Names of the classes by number; empty where no file gives any.</param>
internal sealed record YoloLayout(string Root, IReadOnlyDictionary<string, IReadOnlyList<string>> Splits, IReadOnlyList<string> Names)
{
    /// <summary>Finds the pictures.</summary>
    /// <param name="path">A folder, or a <c>.yaml</c> file.</param>
    /// <param name="within">Folder outside of which nothing is read; null for anywhere.</param>
    /// <exception cref="InvalidInputException">There are none, or one lies outside; the message says what was looked for.</exception>
    public static YoloLayout Of(string path, string? within)
    {
        var config = File.Exists(path) ? path : ConfigIn(path);
        if (config is not null)
        {
            var read = YoloConfig.Read(config, within);
            return new(read.Root, read.Splits.ToDictionary(split => split.Key, split => Pictures(split.Value, within)), read.Names);
        }
        var splits = ByFolders(path);
        if (splits.Count == 0)
            throw new InvalidInputException($"{path}: not a YOLO dataset; looked for data.yaml, labels/ beside images/, <split>/labels/ and *.txt beside pictures, and found none.");
        return new(path, splits, NamesIn(path));
    }

    /// <summary>Path of a picture's label file: <c>labels</c> in place of the last <c>images</c> of the path, where it has one.</summary>
    public static string LabelOf(string picture)
    {
        var parts = Path.ChangeExtension(picture, ".txt").Split(Path.DirectorySeparatorChar);
        var at = Array.LastIndexOf(parts, "images", parts.Length - 2);
        if (at >= 0)
            parts[at] = "labels";
        return string.Join(Path.DirectorySeparatorChar, parts);
    }

    private static string? ConfigIn(string folder)
    {
        if (!Directory.Exists(folder))
            throw new InvalidInputException($"{folder}: there is no such file or folder.");
        var found = Directory.GetFiles(folder, "*.yaml").Concat(Directory.GetFiles(folder, "*.yml")).Order(StringComparer.Ordinal).ToArray();
        return found.FirstOrDefault(file => Path.GetFileNameWithoutExtension(file) == "data") ?? found.FirstOrDefault();
    }

    private static Dictionary<string, IReadOnlyList<string>> ByFolders(string folder)
    {
        var images = Path.Combine(folder, "images");
        var splits = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (Directory.Exists(images) && Directory.Exists(Path.Combine(folder, "labels")))
        {
            // Pictures straight in images/ make one split; folders in it make one each.
            foreach (var split in Directory.GetDirectories(images).Order(StringComparer.Ordinal))
                splits.Add(Path.GetFileName(split), PictureNames.Below(split));
            if (Directory.EnumerateFiles(images).Any(PictureNames.IsPicture))
                splits = new(StringComparer.Ordinal) { [DatasetFolder.LoneSplit] = PictureNames.Below(images) };
            return splits;
        }
        foreach (var split in Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Where(HasBoth))
            splits.Add(Path.GetFileName(split), PictureNames.Below(Path.Combine(split, "images")));
        if (splits.Count == 0 && Directory.EnumerateFiles(folder).Any(file => PictureNames.IsPicture(file) && File.Exists(Path.ChangeExtension(file, ".txt"))))
            splits.Add(DatasetFolder.LoneSplit, PictureNames.Below(folder));
        return splits;
    }

    private static bool HasBoth(string folder) => Directory.Exists(Path.Combine(folder, "labels")) && Directory.Exists(Path.Combine(folder, "images"));

    private static IReadOnlyList<string> Pictures(IReadOnlyList<string> paths, string? within)
        => [.. paths.SelectMany(path => Directory.Exists(path) ? PictureNames.Below(path) : Listed(path, within))];

    private static IEnumerable<string> Listed(string list, string? within)
    {
        if (PictureNames.IsPicture(list))
            return [list];
        var folder = Path.GetDirectoryName(list)!;
        return File.ReadLines(list).Select(line => line.Trim()).Where(line => line.Length > 0)
            .Select(line => PictureNames.Within(within, Path.GetFullPath(Path.Combine(folder, line))) is { } inside
                ? inside
                : throw new InvalidInputException($"{list}: names the picture \"{line}\", which lies outside the dataset's folder."));
    }

    private static IReadOnlyList<string> NamesIn(string folder)
    {
        string[] candidates = [Path.Combine(folder, "classes.txt"), Path.Combine(folder, "labels", "classes.txt"), .. Directory.GetFiles(folder, "*.names")];
        var file = candidates.FirstOrDefault(File.Exists);
        return file is null ? [] : [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }
}
