namespace Serve.Inference.Repository;

/// <summary>Paths with their symbolic links followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>The place a path leads to.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        var rest = new Stack<string>(Path.GetFullPath(path).Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
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
                throw new IOException($"{path}: its symbolic links lead in a circle.");
            if (Path.IsPathRooted(target))
                real = Path.GetPathRoot(target)!;
            foreach (var step in target.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse())
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
}
