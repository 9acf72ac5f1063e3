using System.Globalization;
using System.Text;

namespace Serve.Eval.Profiles;

/// <summary>Writes profiles as tables for a terminal, a column a split.</summary>
public static class ProfileText
{
    private const int MostCategories = 100;

    /// <summary>The lines, each ended.</summary>
    /// <param name="source">The dataset as the user named it.</param>
    /// <param name="profiles">One or more splits.</param>
    public static string Of(string source, IReadOnlyList<DatasetProfile> profiles)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        var rows = new List<string[]> { Row("", profiles, profile => profile.Name) };
        AddCounts(rows, profiles);
        AddHistogram(rows, profiles, profile => profile.RelativeScale);
        AddHistogram(rows, profiles, profile => profile.AbsoluteScale);
        AddHistogram(rows, profiles, profile => profile.Aspect);
        AddCategories(rows, profiles);
        return $"{source}{Environment.NewLine}{Aligned(rows)}";
    }

    private static void AddCounts(List<string[]> rows, IReadOnlyList<DatasetProfile> profiles)
    {
        rows.Add(Row("images", profiles, profile => Text(profile.Images)));
        rows.Add(Row("  without objects", profiles, profile => Text(profile.EmptyImages)));
        rows.Add(Row("objects", profiles, profile => Text(profile.Objects)));
        rows.Add(Row("  crowds", profiles, profile => Text(profile.Crowds)));
        rows.Add(Row("  ignored", profiles, profile => Text(profile.Ignored)));
        rows.Add(Row("  with a mask", profiles, profile => Text(profile.Masks)));
        rows.Add(Row("  with keypoints", profiles, profile => Text(profile.WithKeypoints)));
        rows.Add(Row("objects an image", profiles, profile => profile.PerImage.Mean.ToString("0.0", CultureInfo.InvariantCulture)));
        rows.Add(Row("  fewest, median, most", profiles, profile => Text(profile.PerImage)));
        rows.Add(Row("small, up to 32 x 32", profiles, profile => Text(profile.Small)));
        rows.Add(Row("medium, up to 96 x 96", profiles, profile => Text(profile.Medium)));
        rows.Add(Row("large", profiles, profile => Text(profile.Large)));
    }

    private static void AddHistogram(List<string[]> rows, IReadOnlyList<DatasetProfile> profiles, Func<DatasetProfile, Histogram> histogram)
    {
        var axis = histogram(profiles[0]).Axis;
        rows.Add([]);
        rows.Add([axis.Unit.Length == 0 ? axis.Title : $"{axis.Title}, {axis.Unit}"]);
        for (var i = 0; i <= axis.Edges.Count; i++)
        {
            var bin = i;
            rows.Add(Row($"  {axis.Bin(i)}", profiles, profile => string.Create(CultureInfo.InvariantCulture, $"{histogram(profile).Counts[bin]} ({histogram(profile).Share(bin):0.0%})")));
        }
    }

    private static void AddCategories(List<string[]> rows, IReadOnlyList<DatasetProfile> profiles)
    {
        var names = profiles.SelectMany(profile => profile.Categories).Select(category => category.Name).Distinct().ToArray();
        rows.Add([]);
        rows.Add(["objects of each category (images)"]);
        foreach (var name in names.Take(MostCategories))
        {
            rows.Add(Row($"  {name}", profiles, profile => profile.Categories.FirstOrDefault(category => category.Name == name) is { } found
                ? string.Create(CultureInfo.InvariantCulture, $"{found.Objects} ({found.Images})")
                : "-"));
        }
        if (names.Length > MostCategories)
            rows.Add([$"  … and {names.Length - MostCategories} more, which --json lists"]);
    }

    private static string[] Row(string title, IReadOnlyList<DatasetProfile> profiles, Func<DatasetProfile, string> value) => [title, .. profiles.Select(value)];

    private static string Text(ObjectsPerImage count) => string.Create(CultureInfo.InvariantCulture, $"{count.Fewest}, {count.Median:0.#}, {count.Most}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Titles of parts stand alone in their lines and do not widen the first column.
    private static string Aligned(IReadOnlyList<string[]> rows)
    {
        var columns = rows.Max(row => row.Length);
        var widths = Enumerable.Range(0, columns).Select(column => rows.Where(row => row.Length > 1 && row.Length > column).Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            if (row.Length == 1)
                text.Append(row[0]);
            for (var i = 0; row.Length > 1 && i < row.Length; i++)
                text.Append(i == 0 ? row[i].PadRight(widths[i]) : row[i].PadLeft(widths[i] + 2));
            text.AppendLine();
        }
        return text.ToString();
    }
}
