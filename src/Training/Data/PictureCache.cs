using System.Collections.Concurrent;
using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>Keeps decoded pictures in memory, up to a limit. Safe for use from several threads.</summary>
/// <remarks>
/// The first pictures that fit stay; nothing is evicted. Each epoch reads every image once in a new order, for which the usual
/// least-recently-used rule is the worst choice: with a dataset larger than the cache it would evict nearly every picture before its next use.
/// </remarks>
internal sealed class PictureCache(long maxBytes, Func<int, Picture> read)
{
    private readonly ConcurrentDictionary<int, Picture> pictures = new();
    private long bytes;

    /// <summary>The picture with this index, from memory or read anew.</summary>
    public Picture Get(int index)
    {
        if (pictures.TryGetValue(index, out var kept)) return kept;
        var picture = read(index);
        if (Interlocked.Add(ref bytes, picture.Pixels.Length) > maxBytes || !pictures.TryAdd(index, picture))
            Interlocked.Add(ref bytes, -picture.Pixels.Length);
        return picture;
    }

    /// <summary>Forgets every picture.</summary>
    public void Clear() => pictures.Clear();
}
