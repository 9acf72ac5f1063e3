using System.Buffers;
using Serve.Inference.Wire;

namespace Serve.Api.Wire;

/// <summary>Arrays of bodies, kept for the next. The runtime's own pool has the small ones.</summary>
internal static class BodyArrays
{
    private const int Granule = 1 << 14;

    private static readonly BytePool s_large = new(Granule, mostArrays: 64, mostBytes: 32L << 20);

    /// <summary>An array of at least that length; its content is what was there before.</summary>
    public static byte[] Rent(int length) => length <= Granule ? ArrayPool<byte>.Shared.Rent(length) : s_large.Rent(length);

    /// <summary>Gives an array back.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= Granule)
            ArrayPool<byte>.Shared.Return(array);
        else
            s_large.Return(array);
    }
}
