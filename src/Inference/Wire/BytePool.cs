namespace Serve.Inference.Wire;

/// <summary>Large arrays of bytes, kept for the next who needs one. One that is free serves whatever fits into it. Safe for use from several threads.</summary>
/// <remarks>The runtime's own pool keeps arrays of powers of two, as many of each as were ever in use together: pictures leave them empty by a third.</remarks>
/// <param name="granule">Lengths are multiples of so many bytes, so that what is of about the same size uses the same arrays.</param>
/// <param name="mostArrays">Most arrays that wait.</param>
/// <param name="mostBytes">Most bytes that wait.</param>
public sealed class BytePool(int granule, int mostArrays, long mostBytes)
{
    // By length.
    private readonly List<byte[]> _free = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>Bytes that wait.</summary>
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
            if (IndexOf(length) is var index && index < _free.Count)
            {
                var array = _free[index];
                _free.RemoveAt(index);
                _bytes -= array.Length;
                return array;
            }
        }

        return GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (length + granule - 1L) / granule * granule));
    }

    /// <summary>Gives an array back. Where there are too many the smallest makes way: a larger one serves all that it would have served.</summary>
    public void Return(byte[] array)
    {
        lock (_gate)
        {
            if (_bytes + array.Length > mostBytes)
                return;
            _free.Insert(IndexOf(array.Length), array);
            _bytes += array.Length;
            if (_free.Count <= mostArrays)
                return;
            _bytes -= _free[0].Length;
            _free.RemoveAt(0);
        }
    }

    /// <summary>The first that is at least so long.</summary>
    private int IndexOf(int length)
    {
        var (low, high) = (0, _free.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_free[middle].Length < length)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
