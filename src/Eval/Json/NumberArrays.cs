using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Json;

/// <summary>Passes over arrays of numbers, nested or not (polygons, run lengths, keypoints), 64 bytes at a time and yet strictly.</summary>
/// <remarks>
/// In such an array each rule of the grammar is about neighbours, so that it can be checked for all bytes of a block at once: what may follow a
/// digit, a point, a bracket, a comma. White space between them, and the digits behind a point, are passed by the carry of an addition.
/// Numbers with exponents are left to others.
/// </remarks>
internal static unsafe class NumberArrays
{
    private const int Last = ByteBlock.Length - 1;
    private const int LargestDepth = 64;

    /// <summary>What follows the array; null where it holds anything but plain numbers and arrays, is at fault, or the bytes end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* After(byte* p)
    {
        var depth = 0;
        var carry = default(Carry);
        for (; ; p += ByteBlock.Length)
        {
            var block = new ByteBlock(p);
            var (open, close) = (block.Is('['), block.Is(']'));
            // Bits up to the bracket that ends the array, if it is here.
            var part = ulong.MaxValue;
            for (var brackets = open | close; brackets != 0; brackets &= brackets - 1)
            {
                depth += (open >> BitOperations.TrailingZeroCount(brackets) & 1) != 0 ? 1 : -1;
                if (depth > LargestDepth)
                    return null;
                if (depth > 0)
                    continue;
                part = brackets ^ (brackets - 1);
                break;
            }
            if ((Faults(block, open, close, ref carry) & part) != 0)
                return null;
            if (part != ulong.MaxValue || depth == 0)
                return p + BitOperations.PopCount(part);
        }
    }

    /// <summary>What the last byte before the block was: 0 or 1 each.</summary>
    private struct Carry
    {
        public ulong Digit, Point, Minus, Comma, Open, Close, LoneZero, Fraction, ValueSpace, CommaSpace, OpenSpace;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Faults(ByteBlock block, ulong open, ulong close, ref Carry carry)
    {
        var (digit, space) = (block.AreDigits(), block.AreSpace());
        var (point, minus, comma, zero) = (block.Is('.'), block.Is('-'), block.Is(','), block.Is('0'));
        var afterDigit = Shift(digit, ref carry.Digit);
        var afterPoint = Shift(point, ref carry.Point);
        var afterMinus = Shift(minus, ref carry.Minus);
        var afterComma = Shift(comma, ref carry.Comma);
        var afterOpen = Shift(open, ref carry.Open);
        var afterClose = Shift(close, ref carry.Close);

        var faults = ~(digit | space | point | minus | comma | open | close);
        faults |= point & ~afterDigit;
        faults |= (afterPoint | afterMinus) & ~digit;
        var firstDigit = digit & ~(afterDigit | afterPoint);
        faults |= Shift(firstDigit & zero, ref carry.LoneZero) & digit;
        // The digits behind a point are not followed by another one.
        faults |= Pass(afterPoint & digit, digit, ref carry.Fraction) & point;

        var value = open | minus | (firstDigit & ~afterMinus);
        faults |= Pass((afterDigit & ~(digit | point)) | afterClose, space, ref carry.ValueSpace) & ~(comma | close);
        faults |= Pass(afterComma, space, ref carry.CommaSpace) & ~value;
        faults |= Pass(afterOpen, space, ref carry.OpenSpace) & ~(value | close);
        return faults;
    }

    /// <summary>The byte after each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Shift(ulong bits, ref ulong carry)
    {
        var shifted = bits << 1 | carry;
        carry = bits >> Last;
        return shifted;
    }

    /// <summary>From each start (the first of its run, where it is in one), the first byte that is not in the run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Pass(ulong starts, ulong run, ref ulong carry)
    {
        var inside = starts & run;
        var sum = run + inside;
        var overflow = sum < run ? 1ul : 0;
        var all = sum + carry;
        carry = overflow | (all < sum ? 1ul : 0);
        return (all | starts) & ~run;
    }
}
