using System.Text;
using Serve.Eval;

namespace Serve.EvalCli;

/// <summary>Files that a command writes.</summary>
internal static class Files
{
    /// <summary>Writes a text file: under a temporary name first, then renamed.</summary>
    public static Task WriteAsync(string path, string text, CancellationToken ct) => WriteAsync(path, Encoding.UTF8.GetBytes(text), ct);

    /// <summary>Writes a file: under a temporary name first, then renamed.</summary>
    public static async Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        await File.WriteAllBytesAsync(temporary, content, ct);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The file a user named, which must be there.</summary>
    public static string Existing(string path, string what)
        => File.Exists(path) ? path : throw new InvalidInputException($"{what}: there is no file {path}.");
}
