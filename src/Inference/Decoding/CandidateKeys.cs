namespace Serve.Inference.Decoding;

/// <summary>
/// Candidates as sortable numbers: the score in the upper half, falling, and the place (location x channels + channel) in the lower. Sorted, they run by
/// falling score, and equal scores by location and then channel.
/// </summary>
internal sealed class CandidateKeys
{
    private ulong[] _keys = new ulong[256];

    /// <summary>Number of candidates.</summary>
    public int Count { get; private set; }

    /// <summary>The candidates.</summary>
    public ReadOnlySpan<ulong> All => _keys.AsSpan(0, Count);

    /// <summary>Score of a candidate.</summary>
    public static float Score(ulong key)
    {
        var ordered = ~(uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }

    /// <summary>Place of a candidate.</summary>
    public static uint Place(ulong key) => (uint)key;

    /// <summary>Removes all candidates; a memory that one odd picture made large is given back.</summary>
    public void Clear()
    {
        const int kept = 1 << 17;
        if (_keys.Length > kept)
            _keys = new ulong[256];
        Count = 0;
    }

    /// <summary>Adds a candidate.</summary>
    public void Add(float score, uint place)
    {
        if (Count == _keys.Length)
            Array.Resize(ref _keys, 2 * Count);

        // Bits of floats, signs turned, order as the floats do; -0 counts as 0.
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        var ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        _keys[Count++] = ((ulong)~ordered << 32) | place;
    }

    /// <summary>Sorts, and keeps only so many of the best; 0 for all.</summary>
    public void Sort(int most)
    {
        if (most > 0 && Count > most)
        {
            // Sorting everything would cost most of the time where each query and category is a candidate.
            if (Count > 4 * most)
                MoveSmallestToFront(_keys.AsSpan(0, Count), most);
            else
                _keys.AsSpan(0, Count).Sort();
            Count = most;
        }

        _keys.AsSpan(0, Count).Sort();
    }

    /// <summary>Quickselect: afterwards the first <paramref name="count"/> are the smallest, in any order. All values are different.</summary>
    private static void MoveSmallestToFront(Span<ulong> keys, int count)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low < high)
        {
            var pivot = MedianOfThree(keys[low], keys[low + ((high - low) / 2)], keys[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (keys[i] < pivot)
                    i++;
                while (keys[j] > pivot)
                    j--;
                if (i > j)
                    break;
                (keys[i], keys[j]) = (keys[j], keys[i]);
                i++;
                j--;
            }

            if (count - 1 <= j)
                high = j;
            else if (count - 1 >= i)
                low = i;
            else
                return;
        }
    }

    private static ulong MedianOfThree(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
