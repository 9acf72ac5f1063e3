using System.Text;
using Serve.Eval;
using Serve.Eval.Json;

namespace Serve.EvalCli;

/// <summary>Files that a command writes.</summary>
internal static class Files
{
    /// <summary>Writes a text file, and makes its folder: under a temporary name first, then renamed.</summary>
    public static Task WriteAsync(string path, string text, CancellationToken ct) => WriteAsync(path, Encoding.UTF8.GetBytes(text), ct);

    /// <summary>Writes a file, and makes its folder: under a temporary name first, then renamed.</summary>
    public static Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return OutputFile.WriteAsync(path, content, ct);
    }

    /// <summary>Makes sure that a file can be written, before the work whose result it is to hold. What is there stays as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What names it, in messages.</param>
    /// <exception cref="InvalidInputException">It is a folder, or its folder cannot be made or written to.</exception>
    public static void RequireWritable(string path, string what)
    {
        if (Directory.Exists(path))
            throw new InvalidInputException($"{what}: {path} is a folder; it must be a file.");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var probe = new FileStream(OutputFile.TemporaryPath(path), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidInputException($"{what}: {path} cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>The file a user named, which must be there.</summary>
    public static string Existing(string path, string what)
        => File.Exists(path) ? path : throw new InvalidInputException($"{what}: there is no file {path}.");
}
