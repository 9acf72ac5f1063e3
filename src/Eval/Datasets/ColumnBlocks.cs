using System.Runtime.CompilerServices;

namespace Serve.Eval.Datasets;

/// <summary>
/// A growing column in blocks of equal length: growing copies nothing, so the peak of memory is what is held, and not two or three times that.
/// </summary>
internal sealed class ColumnBlocks<T>
    where T : unmanaged
{
    private const int BlockBits = 16;
    private const int BlockLength = 1 << BlockBits;
    private const int SmallestBlock = 64;

    private T[][] blocks = [];

    /// <summary>Number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The value at a place.</summary>
    public T this[long at]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => blocks[at >> BlockBits][at & (BlockLength - 1)];
    }

    /// <summary>Appends a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T value)
    {
        var (block, offset) = ((int)(Count >> BlockBits), (int)(Count & (BlockLength - 1)));
        if (block == blocks.Length || offset == blocks[block].Length)
            Grow(block, offset);
        blocks[block][offset] = value;
        Count++;
    }

    /// <summary>Appends all values of another column, in its order.</summary>
    public void Append(ColumnBlocks<T> other)
    {
        // The count is read once: a column may be appended to itself.
        for (long i = 0, count = other.Count; i < count; i++)
            Add(other[i]);
    }

    // The first block grows by doubling, so that a small column is small; the others are made whole.
    private void Grow(int block, int offset)
    {
        if (block == blocks.Length)
        {
            Array.Resize(ref blocks, block + 1);
            blocks[block] = new T[block == 0 ? SmallestBlock : BlockLength];
        }
        else
            Array.Resize(ref blocks[block], Math.Min(offset * 2, BlockLength));
    }
}
