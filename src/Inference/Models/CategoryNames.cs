using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>
/// The categories of a model whose passport does not list them: from its metadata, else from a file beside it, else what its family knows, else by their number.
/// Ids are the numbers that the model gives: from 0, or from 1 where it counts as COCO's annotation files do.
/// </summary>
internal static class CategoryNames
{
    private const int LargestFile = 4 << 20;

    private static readonly string[] MetadataKeys = ["names", "labels", "classes", "class_names", "label_names", "id2label", "categories", "CLASSES"];
    private static readonly string[] FileNames = ["labels.txt", "classes.txt", "names.txt"];
    private static readonly string[] BackgroundNames = ["background", "__background__", "_background_", "bg", "no object", "n/a"];

    /// <summary>Finds the categories.</summary>
    /// <param name="graphPath">The ONNX file.</param>
    /// <param name="graph">What it tells.</param>
    /// <param name="count">How many there are, the background not counted; null when the graph does not tell.</param>
    /// <param name="ofFamily">Names that the family knows; null where it knows none.</param>
    /// <param name="fromOne">Whether the model's labels are ids from 1 on, 0 being the background.</param>
    /// <param name="explanation">Told of the choice, and of lists that do not fit.</param>
    public static IReadOnlyList<Category> Of(string graphPath, GraphDescription graph, int? count, IReadOnlyList<string>? ofFamily, bool fromOne, List<string> explanation)
    {
        foreach (var (names, source) in InMetadata(graph).Concat(InFiles(graphPath)))
        {
            if (Fitting(names, count) is { } fitting)
            {
                explanation.Add($"names of the {fitting.Count} categories are those of {source}");
                return Numbered(fitting, fromOne ? 1 : 0);
            }

            explanation.Add($"{source} has {names.Count} names for {count} categories and was set aside");
        }

        if (ofFamily is not null && (count is null || count == ofFamily.Count))
        {
            explanation.Add($"no names were found; those of the family were taken: {string.Join(", ", ofFamily)}");
            return Numbered(ofFamily, fromOne ? 1 : 0);
        }

        var (known, assumed) = count switch
        {
            80 => (KnownCategories.Coco80, "80 categories without names: COCO's were assumed"),
            91 => (KnownCategories.Coco91, "91 categories without names: 0 and the ids of COCO's annotation files were assumed"),
            90 => (KnownCategories.Coco90, "90 categories without names: the ids 1 to 90 of COCO's annotation files were assumed"),
            20 => (KnownCategories.Voc20, "20 categories without names: those of Pascal VOC were assumed"),
            null when fromOne => (KnownCategories.Coco90, "neither the number of categories nor names were found: the ids 1 to 90 of COCO's annotation files were assumed"),
            null => (KnownCategories.Coco80, "neither the number of categories nor names were found: COCO's 80 were assumed"),
            _ => (KnownCategories.Numbered(count.Value), $"no names were found for the {count} categories: they are numbered"),
        };
        explanation.Add($"{assumed}; {FileNames[0]} beside the graph, a name a line, says better");
        return known;
    }

    private static IEnumerable<(IReadOnlyList<string?> Names, string Source)> InMetadata(GraphDescription graph)
    {
        foreach (var key in MetadataKeys)
        {
            if (graph.Metadata.TryGetValue(key, out var text) && NameList.Parse(text) is { } names)
                yield return (names, $"the metadata '{key}'");
        }
    }

    private static IEnumerable<(IReadOnlyList<string?> Names, string Source)> InFiles(string graphPath)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(graphPath))!;
        foreach (var file in FileNames)
        {
            if (ReadLines(Path.Combine(folder, file)) is { Count: > 0 } lines)
                yield return (WithoutNumbers(lines), file);
        }
    }

    private static List<string>? ReadLines(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return null;
            if (file.Length > LargestFile)
                throw new InvalidInputException($"{path}: {file.Length} bytes are no list of category names; at most {LargestFile} are read.");
            return [.. File.ReadAllLines(path).Select(line => line.Trim('\uFEFF', ' ', '\t', '\r')).Where(line => line.Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: the list of category names cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>Takes away a number in front of each name, where every line has its own: <c>0: person</c>.</summary>
    private static List<string> WithoutNumbers(List<string> lines)
    {
        var names = new List<string>();
        for (var index = 0; index < lines.Count; index++)
        {
            var digits = lines[index].TakeWhile(char.IsAsciiDigit).Count();
            var name = lines[index][digits..].TrimStart(':', ',', ' ', '\t');
            if (digits == 0 || lines[index][..digits] != $"{index}" || name.Length == 0 || name.Length == lines[index].Length - digits)
                return lines;
            names.Add(name);
        }

        return names;
    }

    /// <summary>The names without a background before or behind them; null when there are too many or too few.</summary>
    private static IReadOnlyList<string?>? Fitting(IReadOnlyList<string?> names, int? count)
    {
        var startsWithBackground = IsBackground(names[0]) && names.Count > 1;
        if (count is null)
            return startsWithBackground ? [.. names.Skip(1)] : names;
        if (names.Count == count)
            return names;
        if (names.Count != count + 1)
            return null;
        return startsWithBackground ? [.. names.Skip(1)] : IsBackground(names[^1]) ? [.. names.SkipLast(1)] : null;
    }

    private static bool IsBackground(string? name) => name is not null && BackgroundNames.Contains(name.ToLowerInvariant());

    /// <summary>Categories with ids from a first one on; a name that comes again, or is missing, gets its number.</summary>
    private static List<Category> Numbered(IReadOnlyList<string?> names, int first)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var categories = new List<Category>(names.Count);
        for (var index = 0; index < names.Count; index++)
        {
            var name = string.IsNullOrWhiteSpace(names[index]) ? $"class {first + index}" : names[index]!;
            while (!taken.Add(name))
                name = $"{name} ({first + index})";
            categories.Add(new Category(first + index, name));
        }

        return categories;
    }
}
