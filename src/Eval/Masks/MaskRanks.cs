using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Masks;

/// <summary>
/// A mask made ready to be intersected with many others: for each pixel, how many of the mask's pixels come before it. The pixels that a run
/// of another mask shares with it are the difference of two such numbers, without a search or a branch.
/// </summary>
internal sealed class MaskRanks
{
    private Word[] words = [];
    private uint origin;
    private uint first;
    private uint last;

    /// <summary>Replaces what was there by a mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Build(RunLengths mask)
    {
        (first, last) = mask.Extent();
        origin = first & ~63u;
        // The pixel behind the last one is asked for, too.
        var count = (int)((last - origin) >> 6) + 1;
        if (words.Length < count)
            words = new Word[Math.Max(count, 2 * words.Length)];
        var used = words.AsSpan(0, count);
        used.Clear();
        Fill(used, mask.Ends);
        uint before = 0;
        foreach (ref var word in used)
        {
            word.Before = before;
            before += (uint)BitOperations.PopCount(word.Bits);
        }
    }

    /// <summary>Pixels in common with another mask of the same size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long CountIn(ReadOnlySpan<uint> ends)
    {
        var i = 1;
        while (i < ends.Length && ends[i] <= first)
            i += 2;
        uint common = 0;
        for (; i < ends.Length && ends[i - 1] < last; i += 2)
            common += Before(Math.Min(ends[i], last)) - Before(Math.Max(ends[i - 1], first));
        return common;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint Before(uint pixel)
    {
        var at = pixel - origin;
        ref readonly var word = ref words[at >> 6];
        return word.Before + (uint)BitOperations.PopCount(word.Bits & ((1UL << (int)at) - 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fill(Span<Word> used, ReadOnlySpan<uint> ends)
    {
        for (var i = 1; i < ends.Length; i += 2)
        {
            if (ends[i] == ends[i - 1])
                continue;
            var (from, to) = (ends[i - 1] - origin, ends[i] - origin - 1);
            var (start, end) = ((int)(from >> 6), (int)(to >> 6));
            var (atStart, atEnd) = (ulong.MaxValue << (int)from, ulong.MaxValue >> (63 - ((int)to & 63)));
            if (start == end)
            {
                used[start].Bits |= atStart & atEnd;
                continue;
            }
            used[start].Bits |= atStart;
            for (var between = start + 1; between < end; between++)
                used[between].Bits = ulong.MaxValue;
            used[end].Bits |= atEnd;
        }
    }

    private struct Word
    {
        public ulong Bits;
        public uint Before;
    }
}
