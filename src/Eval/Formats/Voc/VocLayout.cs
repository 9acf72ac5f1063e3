using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Voc;

/// <summary>The files of a Pascal VOC dataset.</summary>
/// <param name="Root">The dataset's folder.</param>
/// <param name="Annotations">The annotation files, sorted by name.</param>
/// <param name="Splits">File stems by split; null for all.</param>
/// <param name="Names">Names of <c>classes.txt</c>; null where there is none.</param>
internal sealed record VocLayout(string Root, IReadOnlyList<string> Annotations, SortedDictionary<string, string[]?> Splits, IReadOnlyList<string>? Names)
{
    /// <summary>Finds the files.</summary>
    /// <exception cref="InvalidInputException">There are none.</exception>
    public static VocLayout Of(string path)
    {
        var below = Directory.Exists(path) ? Directory.GetDirectories(path).FirstOrDefault(IsAnnotations) : null;
        var folder = below ?? path;
        var annotations = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.xml") : [];
        if (annotations.Length == 0)
            throw new InvalidInputException($"{path}: not a Pascal VOC dataset; looked for Annotations/*.xml and *.xml, and found neither.");
        Array.Sort(annotations, StringComparer.Ordinal);
        return new(path, annotations, SplitsOf(Path.Combine(path, "ImageSets", "Main")), NamesOf(Path.Combine(path, VocClasses.FileName)));
    }

    private static bool IsAnnotations(string folder)
        => string.Equals(Path.GetFileName(folder), "Annotations", StringComparison.OrdinalIgnoreCase) && Directory.EnumerateFiles(folder, "*.xml").Any();

    private static SortedDictionary<string, string[]?> SplitsOf(string folder)
    {
        var splits = new SortedDictionary<string, string[]?>(StringComparer.Ordinal);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.txt") : [])
        {
            // Lists of one category (aeroplane_train.txt) have a second column.
            var lines = File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0).ToArray();
            if (!lines.Any(line => line.Any(char.IsWhiteSpace)))
                splits.Add(Path.GetFileNameWithoutExtension(file), lines);
        }
        if (splits.Count == 0)
            splits.Add(DatasetFolder.LoneSplit, null);
        return splits;
    }

    private static string[]? NamesOf(string file)
        => File.Exists(file) ? [.. File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0).Distinct()] : null;
}
