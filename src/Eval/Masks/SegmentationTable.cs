using System.Buffers;
using System.Runtime.InteropServices;

namespace Serve.Eval.Masks;

/// <summary>
/// The masks of many objects or detections, one row each, in the order they were added: as the file has them, in a few large blocks. Rows
/// are not checked when they are added; a mask that cannot be drawn is one only for who needs it.
/// </summary>
/// <remarks>Not safe for writing from several threads; reading is, while nobody writes.</remarks>
public sealed class SegmentationTable
{
    private const int SmallestPayload = 1 << 12;
    private const int LargestPayload = 1 << 20;

    private SegmentationBlock[] blocks = [];
    private int[] firstRows = [];
    private int blockCount;
    private int nextPayload;
    // The block that this table, and no other, may still add rows to.
    private SegmentationBlock? open;

    /// <summary>Creates an empty table.</summary>
    public SegmentationTable()
        : this(SmallestPayload)
    {
    }

    /// <summary>Creates an empty table.</summary>
    /// <param name="payload">Bytes of texts and numbers expected: the length of the first block. What is never used costs no memory.</param>
    internal SegmentationTable(int payload) => nextPayload = Math.Max(payload, SmallestPayload);

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a row without a mask. Many of them in a row take no memory.</summary>
    public void AddNone() => Add(SegmentationKind.None, 0, 0, 0);

    /// <summary>Appends a mask given as polygons.</summary>
    /// <param name="numbers">Coordinates of all polygons, one polygon after another: x, y, x, y, …, pixels of the image.</param>
    /// <param name="lengths">How many numbers each polygon has; the sum is the length of <paramref name="numbers"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the numbers, or the polygons take more than a gigabyte.</exception>
    public void AddPolygons(ReadOnlySpan<double> numbers, ReadOnlySpan<int> lengths)
    {
        long sum = 0;
        foreach (var length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            sum += length;
        }
        if (sum != numbers.Length)
            throw new ArgumentException($"lengths: sum to {sum}, but there are {numbers.Length} numbers.", nameof(lengths));
        var size = ((long)sizeof(double) * numbers.Length) + SegmentationBlock.AlignedLength(lengths.Length);
        var bytes = Add(SegmentationKind.Polygons, size, 0, lengths.Length);
        MemoryMarshal.AsBytes(numbers).CopyTo(bytes);
        MemoryMarshal.AsBytes(lengths).CopyTo(bytes[(sizeof(double) * numbers.Length)..]);
    }

    /// <summary>Appends a mask given as run lengths in their text form.</summary>
    /// <param name="text">The text, in ASCII.</param>
    /// <param name="height">Height of the mask, pixels.</param>
    /// <param name="width">Width of the mask, pixels.</param>
    /// <param name="asList">The file has a plain list of counts, of which this is the text form.</param>
    /// <exception cref="ArgumentException">A side is negative, or the text takes more than a gigabyte.</exception>
    public void AddRunLengths(ReadOnlySpan<byte> text, int height, int width, bool asList = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        text.CopyTo(Add(asList ? SegmentationKind.List : SegmentationKind.Text, text.Length, height, width));
    }

    /// <summary>Appends a mask given as a plain list of run lengths.</summary>
    /// <param name="counts">Pixels of each run, the first outside the mask.</param>
    /// <param name="height">Height of the mask, pixels.</param>
    /// <param name="width">Width of the mask, pixels.</param>
    /// <exception cref="ArgumentException">A side is negative, or the text form takes more than a gigabyte.</exception>
    public void AddCounts(ReadOnlySpan<uint> counts, int height, int width)
    {
        var text = ArrayPool<byte>.Shared.Rent(RunText.LongestText(counts.Length));
        AddRunLengths(text.AsSpan(0, RunText.Write(counts, text)), height, width, asList: true);
        ArrayPool<byte>.Shared.Return(text);
    }

    /// <summary>Appends all rows of another table, in its order, without copying them; the other table keeps them.</summary>
    public void Append(SegmentationTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // Both numbers are read once: a table may be appended to itself.
        var (added, addedBlocks) = (other.Count, other.blockCount);
        EnsureBlocks(blockCount + addedBlocks);
        for (var i = 0; i < addedBlocks; i++)
        {
            blocks[blockCount + i] = other.blocks[i];
            firstRows[blockCount + i] = checked(Count + other.firstRows[i]);
        }
        blockCount += addedBlocks;
        Count = checked(Count + added);
        nextPayload = Math.Max(nextPayload, other.nextPayload);
        open = other.open = null;
    }

    /// <summary>How the mask of a row was given.</summary>
    public SegmentationKind KindOf(int row) => BlockOf(row, out var at).KindOf(at);

    /// <summary>Height and width of a row of run lengths.</summary>
    /// <exception cref="InvalidOperationException">The row is of another kind.</exception>
    public (int Height, int Width) SizeOf(int row)
    {
        var block = BlockOf(row, out var at);
        RequireRuns(row, block.KindOf(at));
        return block.SizeOf(at);
    }

    /// <summary>Text form of a row of run lengths. Valid as long as the table.</summary>
    /// <exception cref="InvalidOperationException">The row is of another kind.</exception>
    public ReadOnlySpan<byte> TextOf(int row)
    {
        var block = BlockOf(row, out var at);
        RequireRuns(row, block.KindOf(at));
        return block.TextOf(at);
    }

    /// <summary>Polygons of a row of polygons. Valid as long as the table.</summary>
    /// <exception cref="InvalidOperationException">The row is of another kind.</exception>
    public PolygonList PolygonsOf(int row)
    {
        var block = BlockOf(row, out var at);
        if (block.KindOf(at) is not SegmentationKind.Polygons)
            throw new InvalidOperationException($"row {row}: is {block.KindOf(at)}; only a row of polygons has some.");
        return block.PolygonsOf(at);
    }

    /// <summary>The smallest box (COCO xywh, pixels) around the mask of a row; false where it has none, or one that cannot be read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="mask">Room for run lengths, which are overwritten.</param>
    /// <param name="box">The box.</param>
    internal bool TryBox(int row, RunLengths mask, out (double X, double Y, double Width, double Height) box)
    {
        var block = BlockOf(row, out var at);
        box = default;
        if (block.KindOf(at) is SegmentationKind.Polygons)
            return block.PolygonsOf(at).TryBox(out box);
        if (block.KindOf(at) is SegmentationKind.None || block.SizeOf(at) is var (height, width) && !mask.TryRead(block.TextOf(at), height, width))
            return false;
        box = mask.EnclosingBox();
        return true;
    }

    private static void RequireRuns(int row, SegmentationKind kind)
    {
        if (kind is not (SegmentationKind.Text or SegmentationKind.List))
            throw new InvalidOperationException($"row {row}: is {kind}; only a row of run lengths has a size and a text.");
    }

    private Span<byte> Add(SegmentationKind kind, long bytes, int height, int width)
    {
        if (bytes > SegmentationBlock.LongestRow)
            throw new ArgumentException($"row {Count}: takes {bytes} bytes; at most {SegmentationBlock.LongestRow} are allowed.");
        if (open is null || !open.Fits(kind, (int)bytes))
            Open((int)bytes, counting: kind is SegmentationKind.None);
        Count = checked(Count + 1);
        return open!.Add(kind, (int)bytes, height, width);
    }

    // Rows without a mask get a block that merely counts them, so that a file of boxes costs nothing.
    private void Open(int bytes, bool counting)
    {
        EnsureBlocks(blockCount + 1);
        open = new(counting ? 0 : Math.Max(nextPayload, bytes));
        if (!counting)
            nextPayload = Math.Min(2 * nextPayload, LargestPayload);
        blocks[blockCount] = open;
        firstRows[blockCount++] = Count;
    }

    private SegmentationBlock BlockOf(int row, out int at)
    {
        if ((uint)row >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(row), $"row {row}: must be at least 0 and less than {Count}.");
        var found = firstRows.AsSpan(0, blockCount).BinarySearch(row);
        var index = found < 0 ? ~found - 1 : found;
        at = row - firstRows[index];
        return blocks[index];
    }

    private void EnsureBlocks(int count)
    {
        if (count <= blocks.Length)
            return;
        var capacity = Math.Max(count, 2 * blocks.Length);
        Array.Resize(ref blocks, capacity);
        Array.Resize(ref firstRows, capacity);
    }
}
