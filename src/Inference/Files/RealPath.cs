namespace Serve.Inference.Files;

/// <summary>Paths with their symbolic links followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The place a path leads to. <c>..</c> goes up from where the links before it lead, as the system goes.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        // Path.GetFullPath would take link/.. away before the link is followed.
        var whole = Path.Combine(Directory.GetCurrentDirectory(), path);
        var rest = new Stack<string>(Parts(whole).Reverse());
        var real = Path.GetPathRoot(whole)!;
        var links = 0;
        while (rest.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
                throw new IOException($"{path}: more than {MostLinks} symbolic links follow one another.");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var step in Parts(target).Reverse())
                rest.Push(step);
        }

        return real;
    }

    /// <summary>True when a path, links followed, lies in a folder, links followed.</summary>
    public static bool IsWithin(string path, string folder)
    {
        var real = Of(folder);
        return Of(path).StartsWith(Path.EndsInDirectorySeparator(real) ? real : real + Path.DirectorySeparatorChar, StringComparison.Ordinal);
    }

    private static string[] Parts(string path)
        => path[Path.GetPathRoot(path)!.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
}
