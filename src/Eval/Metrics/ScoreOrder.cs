namespace Serve.Eval.Metrics;

/// <summary>Sorts by falling score; equal scores keep their former order, as a stable sort does. Reuses its buffers; for one thread.</summary>
internal sealed class ScoreOrder
{
    private const int FewRows = 24;
    private const int RadixRows = 256;
    private const int DigitBits = 8;
    private const int Digits = 1 << DigitBits;

    private ulong[] keys = [];
    private int[] order = [];
    private ulong[] otherKeys = [];
    private int[] otherOrder = [];

    /// <summary>Writes the rows with the highest scores, highest first.</summary>
    /// <param name="rows">Rows in their former order.</param>
    /// <param name="scores">Score of each row, indexed by row.</param>
    /// <param name="sorted">Where they are written: as many as are wanted.</param>
    public void Sort(ReadOnlySpan<int> rows, ReadOnlySpan<double> scores, Span<int> sorted)
    {
        if (rows.Length == 1)
        {
            sorted[0] = rows[0];
            return;
        }
        Reserve(rows.Length);
        for (var i = 0; i < rows.Length; i++)
            (keys[i], order[i]) = (KeyOf(scores[rows[i]]), i);
        SortKeys(rows.Length);
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = rows[order[i]];
    }

    /// <summary>The places of scores, highest first. Valid until the next call.</summary>
    public ReadOnlySpan<int> Sort(ReadOnlySpan<double> scores)
    {
        Reserve(scores.Length);
        for (var i = 0; i < scores.Length; i++)
            (keys[i], order[i]) = (KeyOf(scores[i]), i);
        SortKeys(scores.Length);
        return order.AsSpan(0, scores.Length);
    }

    /// <summary>Puts equal scores, which follow one another, into the order of their rows, and those of one row into that of their places.</summary>
    /// <param name="ranked">Places by falling score.</param>
    /// <param name="scores">Score of each place.</param>
    /// <param name="rows">Row of each place.</param>
    public static void OrderTiesByRow(Span<int> ranked, ReadOnlySpan<double> scores, ReadOnlySpan<int> rows)
    {
        ulong[] buffer = [];
        for (int from = 0, to; from < ranked.Length; from = to)
        {
            for (to = from + 1; to < ranked.Length && scores[ranked[to]] == scores[ranked[from]];)
                to++;
            var tied = ranked[from..to];
            if (tied.Length == 1)
                continue;
            if (buffer.Length < tied.Length)
                buffer = new ulong[2 * tied.Length];
            var both = buffer.AsSpan(0, tied.Length);
            for (var i = 0; i < tied.Length; i++)
                both[i] = ((ulong)rows[tied[i]] << 32) | (uint)tied[i];
            both.Sort();
            for (var i = 0; i < tied.Length; i++)
                tied[i] = (int)both[i];
        }
    }

    // Rising keys are falling scores. Adding zero turns -0 into 0, which are equal scores.
    private static ulong KeyOf(double score)
    {
        var bits = BitConverter.DoubleToInt64Bits(score + 0.0);
        return ~(ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }

    private void Reserve(int count)
    {
        if (keys.Length >= count)
            return;
        // Few rows come in groups of any length, one after another; many come largest first.
        var length = count < RadixRows ? 2 * RadixRows : count;
        (keys, order) = (new ulong[length], new int[length]);
    }

    private void SortKeys(int count)
    {
        if (count <= FewRows)
            SortFew(count);
        else if (count < RadixRows)
            SortSome(count);
        else
            SortMany(count);
    }

    private void SortFew(int count)
    {
        for (var i = 1; i < count; i++)
        {
            var (key, place) = (keys[i], order[i]);
            var at = i;
            for (; at > 0 && keys[at - 1] > key; at--)
                (keys[at], order[at]) = (keys[at - 1], order[at - 1]);
            (keys[at], order[at]) = (key, place);
        }
    }

    // The library's sort is not stable: runs of equal keys are put back into the order of their places.
    private void SortSome(int count)
    {
        keys.AsSpan(0, count).Sort(order.AsSpan(0, count));
        for (var from = 0; from < count;)
        {
            var to = from + 1;
            while (to < count && keys[to] == keys[from])
                to++;
            if (to - from > 1)
                order.AsSpan(from, to - from).Sort();
            from = to;
        }
    }

    /// <summary>Radix sort, lowest digit first; a digit that all keys share is passed over (scores that were float32 share the lowest three).</summary>
    private void SortMany(int count)
    {
        if (otherKeys.Length < count)
            (otherKeys, otherOrder) = (new ulong[keys.Length], new int[keys.Length]);
        Span<int> starts = stackalloc int[Digits];
        for (var shift = 0; shift < 64; shift += DigitBits)
        {
            starts.Clear();
            foreach (var key in keys.AsSpan(0, count))
                starts[(int)(key >> shift) & (Digits - 1)]++;
            if (starts[(int)(keys[0] >> shift) & (Digits - 1)] == count)
                continue;
            var sum = 0;
            for (var digit = 0; digit < Digits; digit++)
                (starts[digit], sum) = (sum, sum + starts[digit]);
            for (var i = 0; i < count; i++)
            {
                var at = starts[(int)(keys[i] >> shift) & (Digits - 1)]++;
                (otherKeys[at], otherOrder[at]) = (keys[i], order[i]);
            }
            (keys, otherKeys, order, otherOrder) = (otherKeys, keys, otherOrder, order);
        }
    }
}
