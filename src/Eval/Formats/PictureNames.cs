using System.Collections.Frozen;

namespace Serve.Eval.Formats;

/// <summary>Names of picture files.</summary>
internal static class PictureNames
{
    private static readonly string[] Usual = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif"];

    private static readonly FrozenSet<string> Extensions = Usual.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a file is a picture, by its name.</summary>
    public static bool IsPicture(string path) => Extensions.Contains(Path.GetExtension(path));

    /// <summary>The names that a picture may have whose name without extension is known.</summary>
    public static IEnumerable<string> WithExtensions(string stem) => Usual.Select(extension => stem + extension);

    /// <summary>The pictures in a folder and the folders below it, sorted by their paths.</summary>
    public static string[] Below(string folder)
    {
        var found = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(IsPicture).ToArray();
        Array.Sort(found, StringComparer.Ordinal);
        return found;
    }

    /// <summary>The path of a name in a folder; null for a name that is empty, absolute or points outside the folder.</summary>
    public static string? Inside(string folder, string name)
    {
        if (name.Length == 0 || name.Contains('\0') || Path.IsPathRooted(name))
            return null;
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var full = Path.GetFullPath(Path.Combine(root, name));
        return full.Length > root.Length && full.StartsWith(root, StringComparison.Ordinal) ? full : null;
    }

    /// <summary>A whole path as it is where it is a folder or lies in it; null where it does not.</summary>
    /// <param name="folder">The folder; null for anywhere.</param>
    /// <param name="path">The path, without <c>..</c>.</param>
    public static string? Within(string? folder, string path)
    {
        if (folder is null)
            return path;
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return path == root || path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : null;
    }

    /// <summary>A path below a folder, with slashes whatever the system has.</summary>
    public static string Relative(string folder, string path) => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
}
