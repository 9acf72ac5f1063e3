namespace Serve.Eval.Json;

/// <summary>Writes files so that a reader sees either the whole new file or the old one.</summary>
public static class OutputFile
{
    /// <summary>Writes under a temporary name beside the file, then renames. On a failure the temporary file is removed.</summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(write);
        var temporary = TemporaryPath(path);
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

    /// <summary>Writes bytes, otherwise the same.</summary>
    public static Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken ct)
        => WriteAsync(path, stream => stream.WriteAsync(content, ct).AsTask(), ct);

    /// <summary>A name beside a file that no other file has.</summary>
    public static string TemporaryPath(string path) => $"{path}.{Guid.NewGuid():N}.tmp";
}
