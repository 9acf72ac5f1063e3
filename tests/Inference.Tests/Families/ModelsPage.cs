using System.Text.RegularExpressions;

namespace Serve.Inference.Tests.Families;

/// <summary>docs/models.md, whose passports and tables the tests read.</summary>
internal static partial class ModelsPage
{
    /// <summary>The page.</summary>
    public static string Text { get; } = File.ReadAllText(Find());

    /// <summary>The passport below a heading of the third level.</summary>
    public static string Passport(string heading)
    {
        var start = Text.IndexOf($"\n### {heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/models.md has no heading '{heading}'.");
        return Json().Match(Text, start).Groups[1].Value;
    }

    /// <summary>Headings of all worked passports.</summary>
    public static IReadOnlyList<string> Headings
        => [.. Heading().Matches(Text[Text.IndexOf("\n## Worked passports\n", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value)];

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "docs", "models.md");
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException("docs/models.md is not above the tests.");
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex("^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
