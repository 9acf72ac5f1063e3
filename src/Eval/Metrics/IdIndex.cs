namespace Serve.Eval.Metrics;

/// <summary>Finds the place of an id in a list, any 64-bit integers. Of an id that occurs twice, the last place.</summary>
internal sealed class IdIndex
{
    // A table over all ids between the lowest and the highest is faster than hashing, where it is not far larger than the list.
    private const long SmallTable = 1 << 16;
    private const long LargestTableRatio = 64;

    private readonly int[] places = [];
    private readonly long lowest;
    private readonly Dictionary<long, int>? hashed;

    /// <summary>Indexes ids.</summary>
    public IdIndex(ReadOnlySpan<long> ids)
    {
        if (ids.IsEmpty)
            return;
        var highest = lowest = ids[0];
        foreach (var id in ids)
            (lowest, highest) = (Math.Min(lowest, id), Math.Max(highest, id));
        var range = (Int128)highest - lowest + 1;
        if (range <= Math.Max(SmallTable, LargestTableRatio * ids.Length) && range <= Array.MaxLength)
        {
            places = new int[(int)range];
            places.AsSpan().Fill(-1);
            for (var i = 0; i < ids.Length; i++)
                places[ids[i] - lowest] = i;
            return;
        }
        hashed = new(ids.Length);
        for (var i = 0; i < ids.Length; i++)
            hashed[ids[i]] = i;
    }

    /// <summary>The place of an id; -1 where it is not in the list.</summary>
    public int Find(long id)
    {
        if (hashed is not null)
            return hashed.GetValueOrDefault(id, -1);
        var at = unchecked((ulong)(id - lowest));
        return at < (ulong)places.Length ? places[at] : -1;
    }
}
