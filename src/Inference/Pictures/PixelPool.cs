namespace Serve.Inference.Pictures;

/// <summary>Memory of decoded pictures, kept for the next: such arrays are large, and collecting them would cost more than decoding.</summary>
/// <remarks>
/// As many are kept as pictures are decoded at once, one a core, and none that would be most of what a server needs. The arrays of the runtime's own shared
/// pool are kept for each thread and each power of two, which adds up to hundreds of megabytes.
/// </remarks>
internal sealed class PixelPool(int mostArrays, long mostBytes)
{
    // Pictures of about the same size use the same arrays: each that makes way for one a little larger would lie about until the next collection, which may be late.
    private const int Granule = 1 << 20;

    private readonly List<byte[]> _free = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>The pool of the process.</summary>
    public static PixelPool Shared { get; } = new(mostArrays: Environment.ProcessorCount, mostBytes: 64L << 20);

    /// <summary>Bytes that lie here unused.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>An array of at least that length; its content is what was there before.</summary>
    public byte[] Rent(int length)
    {
        lock (_gate)
        {
            byte[]? best = null;
            foreach (var array in _free)
            {
                if (array.Length >= length && (best is null || array.Length < best.Length))
                    best = array;
            }

            if (best is not null)
            {
                _free.Remove(best);
                _bytes -= best.Length;
                return best;
            }
        }

        return GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (length + Granule - 1L) / Granule * Granule));
    }

    /// <summary>Gives an array back. Where there are too many the smallest makes way: a larger one serves all that it would have served.</summary>
    public void Return(byte[] array)
    {
        lock (_gate)
        {
            if (_bytes + array.Length > mostBytes)
                return;
            _free.Add(array);
            _bytes += array.Length;
            if (_free.Count <= mostArrays)
                return;
            var smallest = _free.MinBy(one => one.Length)!;
            _free.Remove(smallest);
            _bytes -= smallest.Length;
        }
    }
}
