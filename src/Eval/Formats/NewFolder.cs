namespace Serve.Eval.Formats;

/// <summary>Writes the folders of new datasets.</summary>
public static class NewFolder
{
    /// <summary>Writes a folder: complete or not at all.</summary>
    /// <remarks>
    /// It is written in the folder <c>.NAME.partial</c> beside it, which replaces what an earlier, killed run left there, and is renamed. What somebody puts into
    /// the target meanwhile is kept, and the new folder is not.
    /// </remarks>
    /// <param name="folder">Where to; must not exist, or be empty.</param>
    /// <param name="write">Writes the content into the folder it gets, which is there and empty.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    /// <exception cref="InvalidInputException">The folder holds something, before or after the writing, or is a root.</exception>
    public static async Task WriteAsync(string folder, Func<string, CancellationToken, Task> write, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(write);
        RequireEmpty(folder);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var parent = Path.GetDirectoryName(target) ?? throw new InvalidInputException($"{folder}: a root folder cannot become a dataset.");
        var partial = Path.Combine(parent, $".{Path.GetFileName(target)}.partial");
        DeleteIfThere(partial);
        try
        {
            Directory.CreateDirectory(partial);
            await write(partial, ct);
            Rename(partial, target, folder);
        }
        finally
        {
            DeleteIfThere(partial);
        }
    }

    /// <summary>Refuses a folder that holds something.</summary>
    /// <exception cref="InvalidInputException">It does.</exception>
    public static void RequireEmpty(string folder)
    {
        if (HoldsSomething(folder))
            throw new InvalidInputException(Refusal(folder));
    }

    // Not recursive: only what is empty still is removed.
    private static void Rename(string partial, string target, string folder)
    {
        try
        {
            if (Directory.Exists(target))
                Directory.Delete(target);
            Directory.Move(partial, target);
        }
        catch (IOException fault) when (HoldsSomething(target))
        {
            throw new InvalidInputException(Refusal(folder), fault);
        }
    }

    // With a separator at its end, the name of a file is not that of a file any more.
    private static bool HoldsSomething(string folder)
        => File.Exists(Path.TrimEndingDirectorySeparator(folder)) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any());

    private static string Refusal(string folder) => $"{folder}: a new dataset needs a folder that does not exist or is empty; this one holds something.";

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
