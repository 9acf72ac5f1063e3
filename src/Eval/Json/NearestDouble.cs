using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

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
    // Bits of the product that the fraction, its hidden bit, and one for rounding do not need, when the product's highest bit is 0.
    private const int SpareBits = 64 - FractionBits - 3;
    private const int SignBit = 63;
    // So many digits always fit into 53 bits.
    private const int ExactDigits = 15;

    private static ReadOnlySpan<double> PowersOfTen => [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Makes number * 10^exponent; false where the power is not kept.</summary>
    public static bool TryMake(ulong number, int exponent, bool isNegative, out double value)
    {
        var hasPower = PowersOfFive.Has(exponent);
        value = number == 0 ? 0 : hasPower ? Make(number, exponent) : 0;
        if (isNegative)
            value = -value;
        return number == 0 || hasPower;
    }

    /// <summary>Makes a double of digits without their point.</summary>
    /// <param name="number">The number that the digits make, of at most 19 digits.</param>
    /// <param name="whole">How many there are before the point.</param>
    /// <param name="fraction">How many there are behind it, at most 24.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MakePlain(ulong number, int whole, int fraction)
    {
        // Both sides of the division are exact, so its result is the nearest (Clinger 1990).
        if (whole + fraction <= ExactDigits)
            return (double)(long)number / Unsafe.Add(ref MemoryMarshal.GetReference(PowersOfTen), fraction);
        return number == 0 ? 0 : Make(number, -fraction);
    }

    /// <summary>
    /// Makes number * 10^exponent, of a number that is not 0 and an exponent whose power is kept: the result is then neither too small nor too large.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Make(ulong number, int exponent)
    {
        var shift = BitOperations.LeadingZeroCount(number);
        number <<= shift;
        var power = PowersOfFive.Upper(exponent);
        var low = number * power;
        var high = MultiplyHigh(number, power);
        // Needed only where the upper product is about to overflow, but that is always so for numbers that are doubles themselves: better no branch.
        var more = MultiplyHigh(number, PowersOfFive.Lower(exponent));
        low += more;
        high += low < more ? 1ul : 0;
        var upperBit = (int)(high >> 63);
        var spare = upperBit + SpareBits;
        var fraction = high >> spare;
        // Exactly halfway, which only small powers of five can be: to the even neighbour, not up. What is true least often is asked first.
        if ((high & ((4ul << spare) - 1)) == 1ul << spare && low <= 1 && exponent is >= -4 and <= 23)
            fraction &= ~1ul;
        fraction = (fraction + (fraction & 1)) >> 1;
        // floor(log2(10^exponent)) + 63, by the first bits of log2(10). Less one for the hidden bit; where rounding went up to the next power of two, it
        // carries into the exponent, as it should.
        var binaryExponent = (217_706 * exponent >> 16) + 63 + upperBit - shift + ExponentBias - 1;
        return BitConverter.UInt64BitsToDouble(((ulong)binaryExponent << FractionBits) + fraction);
    }

    /// <summary>Gives a number that is not negative a sign.</summary>
    /// <param name="value">The number.</param>
    /// <param name="minus">1 for a minus, otherwise 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double WithSign(double value, long minus)
        => BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(value) | (ulong)minus << SignBit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyHigh(ulong a, ulong b) => Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);
}
