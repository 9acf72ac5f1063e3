using System.Runtime.CompilerServices;

namespace Serve.Eval.Datasets;

/// <summary>
/// A growing column in blocks of equal length: growing copies nothing, so the peak of memory is what is held, and not two or three times that. Values
/// that are added together stay together.
/// </summary>
internal sealed class ColumnBlocks<T>
    where T : unmanaged
{
    private const int BlockBits = 16;
    private const int BlockLength = 1 << BlockBits;
    private const int SmallestBlock = 64;

    private T[][] blocks = [];
    private int block = -1;
    private int used;

    /// <summary>The value at a place.</summary>
    public T this[long at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => blocks[at >> BlockBits][at & (BlockLength - 1)];
    }

    /// <summary>Makes room for values, to be filled.</summary>
    /// <param name="count">Number of values.</param>
    /// <param name="at">Place of the first. Where values are only ever added one at a time, these are 0, 1, 2, ….</param>
    public Span<T> Add(int count, out long at)
    {
        // A place has no room for a start beyond BlockLength, which a block that was made for one long row has.
        if (block < 0 || used >= BlockLength || used + count > blocks[block].Length)
            MakeRoom(count);
        at = ((long)block << BlockBits) + used;
        used += count;
        return blocks[block].AsSpan(used - count, count);
    }

    /// <summary>Takes back the last of the values that were added last.</summary>
    public void TakeBack(int count) => used -= count;

    /// <summary>Values that were added together.</summary>
    public ReadOnlySpan<T> Read(long at, int count) => count == 0 ? [] : blocks[at >> BlockBits].AsSpan((int)(at & (BlockLength - 1)), count);

    /// <summary>Forgets all values, and keeps the memory.</summary>
    public void Clear() => (block, used) = (blocks.Length == 0 ? -1 : 0, 0);

    // The first block grows by doubling, so that a small column is small; the others are made whole.
    private void MakeRoom(int count)
    {
        if (block == 0 && blocks[0].Length < BlockLength && used + count <= BlockLength)
        {
            Array.Resize(ref blocks[0], Math.Min(Math.Max(2 * blocks[0].Length, used + count), BlockLength));
            return;
        }
        block++;
        used = 0;
        if (block == blocks.Length)
            Array.Resize(ref blocks, block + 1);
        if (blocks[block] is null || blocks[block].Length < count)
            blocks[block] = GC.AllocateUninitializedArray<T>(Math.Max(count, block == 0 ? SmallestBlock : BlockLength));
    }
}
