namespace Serve.Eval.Json;

/// <summary>A part of a document in memory, at a fixed address, with room around it: no step of the scanner has to ask whether bytes are left.</summary>
internal sealed unsafe class DocumentBuffer
{
    /// <summary>Bytes before and behind the part that may be read. Those behind are zeros.</summary>
    public const int Margin = 64;
    private const int LongestPart = 1 << 30;

    // Pinned: in the heap of objects that never move.
    private byte[] bytes = [];

    /// <summary>Place in the document of the first byte.</summary>
    public long Offset { get; private set; }

    /// <summary>Number of bytes.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the document ends with these bytes.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>The first byte.</summary>
    public byte* Start { get; private set; }

    /// <summary>The place behind the last byte, where zeros begin.</summary>
    public byte* End => Start + Count;

    /// <summary>Room for more bytes; <see cref="Add"/> says how many there are.</summary>
    public Memory<byte> Room => bytes.AsMemory(Margin + Count, bytes.Length - (2 * Margin) - Count);

    /// <summary>Address of a place in the document; behind the end, some address behind the end.</summary>
    public byte* AddressOf(long offset) => Start + Math.Min(offset - Offset, Count + 1);

    /// <summary>The bytes between two places.</summary>
    public ReadOnlySpan<byte> Between(long from, long to) => new(AddressOf(from), (int)(to - from));

    /// <summary>The bytes from a place on.</summary>
    public ReadOnlySpan<byte> From(long offset) => Between(offset, Offset + Count);

    /// <summary>Length of a byte order mark, which is not JSON, but editors put it there.</summary>
    public static int MarkLengthOf(ReadOnlySpan<byte> start) => start.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>Empties the buffer.</summary>
    /// <param name="offset">Place in the document of the bytes to come.</param>
    /// <param name="room">How many there will be.</param>
    public void Clear(long offset, int room)
    {
        (Offset, Count, IsFinal) = (offset, 0, false);
        Grow(room);
    }

    /// <summary>Counts bytes that were written into <see cref="Room"/>.</summary>
    public void Add(int count, bool isFinal)
    {
        Count += count;
        IsFinal = isFinal;
        bytes.AsSpan(Margin + Count, Margin).Clear();
    }

    /// <summary>Forgets the bytes before a place.</summary>
    public void Drop(long offset)
    {
        var rest = From(offset);
        rest.CopyTo(bytes.AsSpan(Margin));
        (Offset, Count) = (offset, rest.Length);
        Add(0, IsFinal);
    }

    /// <summary>Makes more room, of which there is twice as much each time.</summary>
    /// <param name="source">Name of the document in messages.</param>
    /// <exception cref="InvalidInputException">There is no more.</exception>
    public void Grow(string source)
    {
        if (Count >= LongestPart)
            throw new InvalidInputException($"{source}: a single record is longer than {LongestPart >> 20} MiB, which is the limit.");
        Grow(Math.Max(Math.Min(2 * Count, LongestPart), 4 * Margin));
    }

    private void Grow(int capacity)
    {
        if (bytes.Length >= capacity + (2 * Margin))
            return;
        var larger = GC.AllocateUninitializedArray<byte>(capacity + (2 * Margin), pinned: true);
        larger.AsSpan(0, Margin).Clear();
        bytes.AsSpan(0, Math.Min(bytes.Length, Margin + Count)).CopyTo(larger);
        bytes = larger;
        fixed (byte* first = bytes)
            Start = first + Margin;
        Add(0, IsFinal);
    }
}
