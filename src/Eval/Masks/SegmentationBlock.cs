using System.Runtime.InteropServices;

namespace Serve.Eval.Masks;

/// <summary>
/// Some neighbouring rows of a <see cref="SegmentationTable"/>: what they are, and their texts and numbers in one array. Rows are only ever
/// appended, so that several tables can share a block none of them writes to any more.
/// </summary>
/// <param name="payloadSize">Bytes for texts and numbers; 0 for a block that only counts rows without a mask.</param>
internal sealed class SegmentationBlock(int payloadSize)
{
    private const int SmallestCapacity = 32;
    private const int LargestCapacity = 1 << 16;
    private const int LengthBits = 30;

    /// <summary>Most bytes of a row.</summary>
    public const int LongestRow = (1 << LengthBits) - 1;

    private readonly byte[] payload = GC.AllocateUninitializedArray<byte>(payloadSize);
    private Row[] rows = payloadSize == 0 ? [] : new Row[SmallestCapacity];
    private int used;

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is room for a row of a kind with so many bytes.</summary>
    public bool Fits(SegmentationKind kind, int bytes)
        => payload.Length == 0 ? kind is SegmentationKind.None : bytes <= payload.Length - StartOf(kind) && Count < LargestCapacity;

    /// <summary>Appends a row and answers its bytes, to be filled.</summary>
    /// <param name="kind">What the row is.</param>
    /// <param name="bytes">Length of its text or numbers.</param>
    /// <param name="height">Height of run lengths; 0 for polygons.</param>
    /// <param name="width">Width of run lengths; number of polygons.</param>
    public Span<byte> Add(SegmentationKind kind, int bytes, int height, int width)
    {
        if (payload.Length == 0)
        {
            Count++;
            return [];
        }
        if (Count == rows.Length)
            Array.Resize(ref rows, 2 * rows.Length);
        var start = StartOf(kind);
        rows[Count++] = new(start, (uint)bytes | ((uint)kind << LengthBits), height, width);
        used = start + bytes;
        return payload.AsSpan(start, bytes);
    }

    /// <summary>What a row is.</summary>
    public SegmentationKind KindOf(int row) => payload.Length == 0 ? SegmentationKind.None : rows[row].Kind;

    /// <summary>Height and width of a row of run lengths.</summary>
    public (int Height, int Width) SizeOf(int row) => (rows[row].Height, rows[row].Width);

    /// <summary>Text of a row of run lengths.</summary>
    public ReadOnlySpan<byte> TextOf(int row) => payload.AsSpan(rows[row].Start, rows[row].Length);

    /// <summary>Polygons of a row of polygons.</summary>
    public PolygonList PolygonsOf(int row)
    {
        var bytes = TextOf(row);
        var count = rows[row].Width;
        var numbers = bytes.Length - AlignedLength(count);
        return new(MemoryMarshal.Cast<byte, double>(bytes[..numbers]), MemoryMarshal.Cast<byte, int>(bytes[numbers..])[..count]);
    }

    /// <summary>Bytes that the lengths of so many polygons take.</summary>
    public static int AlignedLength(int polygons) => (sizeof(int) * polygons + sizeof(double) - 1) & -sizeof(double);

    // Numbers are read in place.
    private int StartOf(SegmentationKind kind) => kind is SegmentationKind.Polygons ? (used + sizeof(double) - 1) & -sizeof(double) : used;

    private readonly record struct Row(int Start, uint LengthAndKind, int Height, int Width)
    {
        public int Length => (int)(LengthAndKind & ((1u << LengthBits) - 1));

        public SegmentationKind Kind => (SegmentationKind)(LengthAndKind >> LengthBits);
    }
}
