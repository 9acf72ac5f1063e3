using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Voc;

/// <summary>Gives ids to the category names of a Pascal VOC dataset, which has none.</summary>
internal static class VocClasses
{
    /// <summary>A file with a name a line, which fixes the order; beside <c>Annotations/</c>.</summary>
    public const string FileName = "classes.txt";

    private static readonly string[] Challenge =
    [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse", "motorbike", "person",
        "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    /// <summary>
    /// Categories with ids from 1: in the order of <c>classes.txt</c> where there is one, names that it lacks behind; else all twenty of the VOC challenge
    /// in their alphabetical order where there are no others; else the names in order of their characters.
    /// </summary>
    /// <param name="names">The names that occur.</param>
    /// <param name="listed">Names of <c>classes.txt</c>; null where there is none.</param>
    public static IReadOnlyList<Category> Of(IReadOnlyCollection<string> names, IReadOnlyList<string>? listed)
    {
        var sorted = names.Order(StringComparer.Ordinal);
        IEnumerable<string> order = listed is not null ? listed.Concat(sorted.Except(listed))
            : names.All(name => Challenge.Contains(name)) ? Challenge
            : sorted;
        return [.. order.Select((name, index) => new Category(index + 1, name))];
    }
}
