namespace Serve.Api.Datasets.Archives;

/// <summary>Names of an archive's entries: where they are written to is decided here.</summary>
internal static class EntryName
{
    private const int LongestPart = 200;
    private const int LongestName = 1000;

    /// <summary>The path of an entry below the folder that is unpacked to.</summary>
    /// <param name="name">The entry's name.</param>
    /// <param name="path">The path; null for an entry that is left out: a folder, or what some systems add of their own.</param>
    /// <returns>Why the name is refused; null when it is not.</returns>
    public static string? FaultOf(string name, out string? path)
    {
        path = null;
        if (name.Length == 0 || name.Length > LongestName)
            return $"has a name of {name.Length} characters; allowed are 1 to {LongestName}";
        if (name[0] == '/' || name is [_, ':', ..])
            return "has an absolute path; allowed are paths below the archive's root";
        if (name.Any(letter => char.IsControl(letter) || letter == '\\'))
            return "has a backslash or a control character in its name; parts of a path are divided by /";
        string[] parts = [.. name.Split('/').Where(part => part is not ("" or "."))];
        if (parts.Contains(".."))
            return "has \"..\" in its path; allowed are paths below the archive's root";
        if (parts.FirstOrDefault(part => System.Text.Encoding.UTF8.GetByteCount(part) > LongestPart) is not null)
            return $"has a part of its path that is longer than {LongestPart} bytes";
        if (parts.Length > 0 && !name.EndsWith('/') && !parts.Contains("__MACOSX") && !parts[^1].StartsWith("._", StringComparison.Ordinal) && parts[^1] != ".DS_Store")
            path = Path.Combine(parts);
        return null;
    }
}
