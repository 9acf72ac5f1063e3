using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Json;

/// <summary>The double nearest to a decimal number; of two that are equally near, the even one.</summary>
/// <remarks>
/// Lemire, "Number Parsing at a Gigabyte per Second", 2021: the number times the upper 128 bits of a power of five tells the 53 bits and the rounding.
/// That this never leaves a doubt is shown by Mushtak and Lemire, "Fast Number Parsing Without Fallback", 2023.
/// </remarks>
internal static class NearestDouble
{
    private const int FractionBits = 52;
    private const int ExponentBias = 1023;
    private const int InfiniteExponent = 2047;
    // Bits of the product that the fraction, its hidden bit, and one for rounding do not need, when the product's highest bit is 0.
    private const int SpareBits = 64 - FractionBits - 3;

    /// <summary>Makes number * 10^exponent; false where that is left to the library: beyond the powers kept here, or not a normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryMake(ulong number, int exponent, bool isNegative, out double value)
    {
        var sign = isNegative ? 1ul << 63 : 0;
        if (number == 0)
        {
            value = BitConverter.UInt64BitsToDouble(sign);
            return true;
        }
        value = 0;
        if (!PowersOfFive.Has(exponent))
            return false;
        var shift = BitOperations.LeadingZeroCount(number);
        number <<= shift;
        var high = Math.BigMul(number, PowersOfFive.Upper(exponent), out var low);
        // Needed only where the upper product is about to overflow, but that is always so for numbers that are doubles themselves: better no branch.
        var more = Math.BigMul(number, PowersOfFive.Lower(exponent), out _);
        low += more;
        high += low < more ? 1ul : 0;
        var upperBit = (int)(high >> 63);
        var spare = upperBit + SpareBits;
        var fraction = high >> spare;
        // floor(log2(10^exponent)) + 63, by the first bits of log2(10).
        var power = (217_706 * exponent >> 16) + 63 + upperBit - shift + ExponentBias;
        if (power <= 0 || power >= InfiniteExponent - 1)
            return false;
        // Exactly halfway, which only small powers of five can be: to the even neighbour, not up. What is true least often is asked first.
        if ((high & ((4ul << spare) - 1)) == 1ul << spare && low <= 1 && exponent is >= -4 and <= 23)
            fraction &= ~1ul;
        fraction = (fraction + (fraction & 1)) >> 1;
        // Rounding up to the next power of two carries into the exponent, as it should.
        value = BitConverter.UInt64BitsToDouble(sign | (((ulong)power - 1) << FractionBits) + fraction);
        return true;
    }
}
