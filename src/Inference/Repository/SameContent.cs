namespace Serve.Inference.Repository;

/// <summary>Compares the files of two versions byte by byte.</summary>
internal static class SameContent
{
    private const int Chunk = 1 << 16;

    /// <summary>True when both have the same files with the same bytes; what is outside of both is not looked at.</summary>
    public static async Task<bool> OfAsync(FoundVersion first, FoundVersion second, CancellationToken ct)
    {
        if (!first.Files.Select(file => (file.Name, file.Bytes)).SequenceEqual(second.Files.Select(file => (file.Name, file.Bytes))))
            return false;
        try
        {
            foreach (var (one, other) in first.Files.Zip(second.Files))
                if (!await OfFilesAsync(one.Path, other.Path, ct))
                    return false;
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Somebody put or deleted the version meanwhile: what is gone is not the same.
            return false;
        }
    }

    private static async Task<bool> OfFilesAsync(string first, string second, CancellationToken ct)
    {
        await using var one = File.OpenRead(first);
        await using var other = File.OpenRead(second);
        var (left, right) = (new byte[Chunk], new byte[Chunk]);
        while (true)
        {
            var read = await one.ReadAtLeastAsync(left, Chunk, throwOnEndOfStream: false, ct);
            if (await other.ReadAtLeastAsync(right, Chunk, throwOnEndOfStream: false, ct) != read || !left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, read)))
                return false;
            if (read < Chunk)
                return true;
        }
    }
}
