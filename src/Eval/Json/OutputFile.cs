namespace Serve.Eval.Json;

/// <summary>Writes files so that a reader sees either the whole new file or the old one.</summary>
internal static class OutputFile
{
    /// <summary>Writes under a temporary name beside the file, then renames. On a failure the temporary file is removed.</summary>
    public static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken ct)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                await write(stream);
                await stream.FlushAsync(ct);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
