using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Serve.Inference.Pictures;

/// <summary>Operations on vectors of pixels that processors have and .NET names only for each of them; the same results everywhere.</summary>
internal static class PixelVectors
{
    /// <summary>a0 * b0 + a1 * b1, a2 * b2 + a3 * b3, ...</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> MultiplyAddPairs(Vector128<short> a, Vector128<short> b)
        => Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(a, b) : MultiplyAddPairsAnywhere(a, b);

    /// <inheritdoc cref="MultiplyAddPairs(Vector128{short}, Vector128{short})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> a, Vector256<short> b)
        => Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(a, b)
            : Vector256.Create(MultiplyAddPairs(a.GetLower(), b.GetLower()), MultiplyAddPairs(a.GetUpper(), b.GetUpper()));

    /// <summary>The upper half of each product: a * b >> 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> MultiplyHigh(Vector128<short> a, Vector128<short> b)
        => Sse2.IsSupported ? Sse2.MultiplyHigh(a, b) : MultiplyHighAnywhere(a, b);

    /// <summary>The lower halves of two vectors in turn, widened: a0, b0, a1, b1, ... a7, b7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> WidenLowerInTurn(Vector128<byte> a, Vector128<byte> b)
        => Widen(Sse2.IsSupported ? Sse2.UnpackLow(a, b) : InTurnAnywhere(a, b));

    /// <summary>The upper halves of two vectors in turn, widened: a8, b8, a9, b9, ... a15, b15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> WidenUpperInTurn(Vector128<byte> a, Vector128<byte> b)
        => Widen(Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : InTurnAnywhere(Vector128.Create(a.GetUpper(), a.GetUpper()), Vector128.Create(b.GetUpper(), b.GetUpper())));

    /// <summary>Four colours of red, green, blue and anything, each of 16 bits, as bytes; cut at 0 and 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ToBytes(Vector128<short> lower, Vector128<short> upper)
        => Sse2.IsSupported
            ? Sse2.PackUnsignedSaturate(lower, upper)
            : Vector128.Narrow(
                Vector128.Clamp(lower, Vector128<short>.Zero, Vector128.Create((short)255)).AsUInt16(),
                Vector128.Clamp(upper, Vector128<short>.Zero, Vector128.Create((short)255)).AsUInt16());

    /// <summary>What <see cref="MultiplyAddPairs(Vector128{short}, Vector128{short})"/> gives, on any processor.</summary>
    internal static Vector128<int> MultiplyAddPairsAnywhere(Vector128<short> a, Vector128<short> b)
    {
        var even = (a.AsInt32() << 16 >> 16) * (b.AsInt32() << 16 >> 16);
        return even + (a.AsInt32() >> 16) * (b.AsInt32() >> 16);
    }

    /// <summary>What <see cref="MultiplyHigh"/> gives, on any processor.</summary>
    internal static Vector128<short> MultiplyHighAnywhere(Vector128<short> a, Vector128<short> b)
    {
        var even = (a.AsInt32() << 16 >> 16) * (b.AsInt32() << 16 >> 16);
        var odd = (a.AsInt32() >> 16) * (b.AsInt32() >> 16);
        return ((even >>> 16) | (odd & Vector128.Create(-1 << 16))).AsInt16();
    }

    /// <summary>The lower halves of two vectors in turn, on any processor.</summary>
    internal static Vector128<byte> InTurnAnywhere(Vector128<byte> a, Vector128<byte> b)
        => (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();

    private static Vector256<short> Widen(Vector128<byte> bytes) => Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes)).AsInt16();
}
