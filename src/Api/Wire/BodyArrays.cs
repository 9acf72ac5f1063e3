using System.Buffers;

namespace Serve.Api.Wire;

/// <summary>Arrays of bodies, kept for the next. One that is free serves any body that fits into it.</summary>
/// <remarks>
/// The runtime's own pool, which has the small ones, has arrays of powers of two, which pictures of usual sizes leave empty by a third, and keeps as many of each size as ever
/// were in use together.
/// </remarks>
/// <param name="mostArrays">Most arrays that wait.</param>
/// <param name="mostBytes">Most bytes that wait.</param>
internal sealed class BodyArrays(int mostArrays, long mostBytes)
{
    private const int Granule = 1 << 14;

    // By length.
    private readonly List<byte[]> _free = [];
    private readonly Lock _gate = new();
    private long _bytes;

    /// <summary>Those of the process.</summary>
    public static BodyArrays Shared { get; } = new(mostArrays: 64, mostBytes: 32L << 20);

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
        if (length <= Granule)
            return ArrayPool<byte>.Shared.Rent(length);
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
        return GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (length + Granule - 1L) / Granule * Granule));
    }

    /// <summary>Gives an array back. Where there are too many the smallest makes way: a larger one serves all that it would have served.</summary>
    public void Return(byte[] array)
    {
        if (array.Length <= Granule)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }
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
