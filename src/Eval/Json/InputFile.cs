namespace Serve.Eval.Json;

/// <summary>Opens the files that users name.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading from front to back.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="source">Name of the file in messages.</param>
    /// <exception cref="InvalidInputException">There is no such file, or it may not be read.</exception>
    public static FileStream Open(string path, string source)
    {
        try
        {
            // No buffer: the reader has a window of its own.
            return new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidInputException($"{source}: there is no such file.", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            var reason = Directory.Exists(path) ? "it is a folder; a file is needed" : "this user may not read it";
            throw new InvalidInputException($"{source}: {reason}.", fault);
        }
    }
}
