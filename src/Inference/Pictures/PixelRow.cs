using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Inference.Pictures;

/// <summary>Rows of pixels of 32 bits: red, green and blue from the lowest byte on; the highest byte may hold anything.</summary>
internal static class PixelRow
{
    private const int PixelsAStep = 4;

    /// <summary>Three bytes a pixel to four; the highest is zero.</summary>
    public static void Widen(ReadOnlySpan<byte> bytes, Span<uint> pixels)
    {
        ref var source = ref MemoryMarshal.GetReference(bytes);
        ref var target = ref MemoryMarshal.GetReference(pixels);
        var x = 0;
        for (; x * Picture.Channels + Vector128<byte>.Count <= bytes.Length; x += PixelsAStep)
        {
            var four = Vector128.LoadUnsafe(ref source, (nuint)(x * Picture.Channels));
            Vector128.Shuffle(four, Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255)).AsUInt32().StoreUnsafe(ref target, (nuint)x);
        }

        for (; x < pixels.Length; x++)
            pixels[x] = bytes[x * Picture.Channels] | (uint)bytes[x * Picture.Channels + 1] << 8 | (uint)bytes[x * Picture.Channels + 2] << 16;
    }

    /// <summary>Four bytes a pixel to three.</summary>
    public static void Narrow(ReadOnlySpan<uint> pixels, Span<byte> bytes)
    {
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var target = ref MemoryMarshal.GetReference(bytes);
        var x = 0;

        // Four bytes too many are stored each time, and overwritten by the next.
        for (; x * Picture.Channels + Vector128<byte>.Count <= bytes.Length; x += PixelsAStep)
        {
            var four = Vector128.LoadUnsafe(ref source, (nuint)x).AsByte();
            Vector128.Shuffle(four, Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255)).StoreUnsafe(ref target, (nuint)(x * Picture.Channels));
        }

        for (; x < pixels.Length; x++)
            (bytes[x * Picture.Channels], bytes[x * Picture.Channels + 1], bytes[x * Picture.Channels + 2]) = ((byte)pixels[x], (byte)(pixels[x] >> 8), (byte)(pixels[x] >> 16));
    }
}
