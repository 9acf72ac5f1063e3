using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Serve.Eval.Json;

/// <summary>Reads numbers: integers, and doubles to the nearest one. Null where there is no number, or not one of the kind asked for.</summary>
internal static unsafe class JsonNumber
{
    /// <summary>Digits that always fit into 64 bits.</summary>
    private const int MostDigits = 19;
    // Digits that the vector path adds up: three groups of eight.
    private const int MostVectorDigits = 24;
    private const ulong TenTo8 = 100_000_000;
    private const ulong TenTo16 = TenTo8 * TenTo8;
    private const int LargestExponent = 10_000;

    /// <summary>Reads an integer of at most 64 bits, written as one: no point, no exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Integer(byte* p, out long value)
    {
        var first = *p == '-' ? p + 1 : p;
        // Each byte less '0': 0 to 9 for digits; the others, and only they, reach the highest bit when 0x76 is added.
        var digits = Unsafe.ReadUnaligned<ulong>(first) ^ 0x3030_3030_3030_3030;
        var others = (digits + 0x7676_7676_7676_7676 | digits) & 0x8080_8080_8080_8080;
        var count = BitOperations.TrailingZeroCount(others) >> 3;
        var next = first + count;
        if (count is 0 or 8 || *next == '.' || (*next | 0x20) == 'e' || (*first == '0' && count > 1))
            return LongInteger(p, out value);
        digits <<= 64 - (8 * count);
        // Neighbouring digits to pairs, then the four pairs at once.
        digits = (digits * 10) + (digits >> 8);
        var number = (long)(((digits & 0x0000_00FF_0000_00FF) * 0x000F_4240_0000_0064) + ((digits >> 16 & 0x0000_00FF_0000_00FF) * 0x0000_2710_0000_0001) >> 32);
        value = first == p ? number : -number;
        return next;
    }

    /// <summary>Reads a finite number to the nearest double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Double(byte* p, out double value)
    {
        var first = *p == '-' ? p + 1 : p;
        var digits = (ulong)Vector256.LessThan(Vector256.Load(first) - Vector256.Create((byte)'0'), Vector256.Create((byte)10)).ExtractMostSignificantBits();
        var whole = BitOperations.TrailingZeroCount(~digits);
        var point = first[whole] == '.' ? 1 : 0;
        var fraction = BitOperations.TrailingZeroCount(~(digits >> whole >> 1)) & -point;
        var next = first + whole + point + fraction;
        if ((*next | 0x20) == 'e' || !TryAdd(first, whole, point, fraction, out var number))
            return AnyDouble(p, out value);
        value = NearestDouble.WithSign(NearestDouble.MakePlain(number, whole, fraction), first - p);
        return next;
    }

    /// <summary>Adds up plain digits; false where there are too many of them, or not as JSON has them.</summary>
    /// <param name="first">The first digit. Bytes before it, up to 33 before the last, must be readable.</param>
    /// <param name="whole">Number of digits before the point.</param>
    /// <param name="point">1 where there is a point, otherwise 0.</param>
    /// <param name="fraction">Number of digits behind the point.</param>
    /// <param name="number">The number that the digits make without their point.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(byte* first, int whole, int point, int fraction, out ulong number)
    {
        if (!Avx2.IsSupported || whole == 0 || point > fraction || whole + fraction > MostVectorDigits || (*first == '0' && whole > 1))
        {
            number = 0;
            return false;
        }
        // Two views of the 32 bytes up to the end, the second without the last: where the fraction fills the first, the digits before the point stand
        // in the second as if there were none.
        var next = first + whole + point + fraction;
        var place = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, (sbyte)31);
        var inFraction = Vector256.GreaterThan(place, Vector256.Create((sbyte)(31 - fraction)));
        var inNumber = Vector256.GreaterThan(place, Vector256.Create((sbyte)(31 - fraction - whole)));
        var text = Vector256.ConditionalSelect(inFraction.AsByte(), Vector256.Load(next - 32), Vector256.Load(next - 32 - point));
        var digits = (text - Vector256.Create((byte)'0')) & inNumber.AsByte();
        var pairs = Avx2.MultiplyAddAdjacent(digits, Vector256.Create((short)0x010A).AsSByte());
        var fours = Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(0x0001_0064).AsInt16());
        var eights = Avx2.MultiplyAddAdjacent(Avx2.PackUnsignedSaturate(fours, fours).AsInt16(), Vector256.Create(0x0001_2710).AsInt16()).AsUInt64();
        // Of each half, the lower four digits of 16 stand in the upper half of a word.
        var (upper, lower) = (eights.GetElement(0) >> 32, eights.GetElement(2));
        number = (upper * TenTo16) + ((lower & uint.MaxValue) * TenTo8) + (lower >> 32);
        return upper < 1000;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* LongInteger(byte* p, out long value)
    {
        var isNegative = *p == '-';
        if (isNegative)
            p++;
        var next = p;
        var number = 0ul;
        for (; JsonSyntax.IsDigit(*next) && next < p + MostDigits; next++)
            number = (number * 10) + (uint)(*next - '0');
        value = 0;
        if (next == p || (*p == '0' && next > p + 1) || JsonSyntax.IsDigit(*next) || *next == '.' || (*next | 0x20) == 'e'
            || number > (isNegative ? 1ul << 63 : long.MaxValue))
            return null;
        value = isNegative ? (long)(0 - number) : (long)number;
        return next;
    }

    /// <summary>Reads a finite number in any form that JSON allows.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte* AnyDouble(byte* p, out double value)
    {
        var start = p;
        var isNegative = *p == '-';
        if (isNegative)
            p++;
        var first = p;
        var (number, significant, exponent) = (0ul, 0, 0);
        for (; JsonSyntax.IsDigit(*p); p++)
            Append(*p, ref number, ref significant);
        value = 0;
        if (p == first || (*first == '0' && p > first + 1))
            return null;
        if (*p == '.')
        {
            var point = ++p;
            for (; JsonSyntax.IsDigit(*p); p++)
                Append(*p, ref number, ref significant);
            if (p == point)
                return null;
            exponent = (int)Math.Max(point - p, -LargestExponent);
        }
        if ((*p | 0x20) == 'e' && !TryAddExponent(ref p, ref exponent))
            return null;
        if (significant > MostDigits || !NearestDouble.TryMake(number, exponent, isNegative, out value))
            value = double.Parse(new ReadOnlySpan<byte>(start, (int)(p - start)), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(value) ? p : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(byte digit, ref ulong number, ref int significant)
    {
        if (number != 0 || digit != '0')
            significant++;
        if (significant <= MostDigits)
            number = (number * 10) + (uint)(digit - '0');
    }

    private static bool TryAddExponent(ref byte* p, ref int exponent)
    {
        p++;
        var isNegative = *p == '-';
        if (*p is (byte)'-' or (byte)'+')
            p++;
        var first = p;
        var value = 0;
        for (; JsonSyntax.IsDigit(*p); p++)
            value = Math.Min((value * 10) + (*p - '0'), LargestExponent);
        exponent += isNegative ? -value : value;
        return p > first;
    }
}
