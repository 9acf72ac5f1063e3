namespace Serve.Training.Runs;

/// <summary>Finds the commit of a checkout by reading its files, so that git need not be installed.</summary>
public static class SourceCommit
{
    /// <summary>What is recorded where there is no checkout.</summary>
    public const string Unknown = "unknown";

    /// <summary>The commit that is checked out in a folder or the nearest folder above that has one, else <see cref="Unknown"/>.</summary>
    public static string Find(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            var git = Path.Combine(current.FullName, ".git");
            if (Directory.Exists(git))
                return Resolve(git, git);
            if (File.Exists(git))   // a linked worktree: "gitdir: <path>"
            {
                var linked = Path.Combine(current.FullName, Field(File.ReadAllText(git), "gitdir:") ?? "");
                var common = Path.Combine(linked, "commondir");
                return Resolve(linked, File.Exists(common) ? Path.Combine(linked, File.ReadAllText(common).Trim()) : linked);
            }
        }

        return Unknown;
    }

    private static string Resolve(string git, string common)
    {
        var headFile = Path.Combine(git, "HEAD");
        if (!File.Exists(headFile))
            return Unknown;
        var head = File.ReadAllText(headFile).Trim();
        if (Field(head, "ref:") is not { } reference)
            return head;

        var loose = Path.Combine(common, reference);
        if (File.Exists(loose))
            return File.ReadAllText(loose).Trim();
        var packed = Path.Combine(common, "packed-refs");
        return File.Exists(packed)
            ? File.ReadLines(packed).Where(line => line.EndsWith(" " + reference, StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).FirstOrDefault(Unknown)
            : Unknown;
    }

    private static string? Field(string text, string name) => text.StartsWith(name, StringComparison.Ordinal) ? text[name.Length..].Trim() : null;
}
