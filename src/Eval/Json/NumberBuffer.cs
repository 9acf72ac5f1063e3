using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Json;

/// <summary>The numbers of an array, or of several one after another. Keeps its memory when it is used again.</summary>
internal sealed unsafe class NumberBuffer
{
    private const int NumbersAtOnce = 3;

    private double[] values = new double[64];

    /// <summary>Number of numbers.</summary>
    public int Count { get; private set; }

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<double> Values => values.AsSpan(0, Count);

    /// <summary>A number.</summary>
    public double this[int at] => values[at];

    /// <summary>Forgets all numbers.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a number.</summary>
    public void Add(double value)
    {
        if (Count == values.Length)
            Array.Resize(ref values, 2 * Count);
        values[Count++] = value;
    }

    /// <summary>Adds the numbers of an array.</summary>
    /// <param name="p">The array.</param>
    /// <param name="odd">Where a value is that is no finite number, the rest of the array unread; null where there is none.</param>
    /// <returns>What follows the array; null where it is at fault, or the bytes end.</returns>
    public byte* Read(byte* p, out byte* odd)
    {
        odd = null;
        p = JsonSyntax.AfterSpace(p + 1);
        if (*p == ']')
            return p + 1;
        while (true)
        {
            if (Count == values.Length)
                Array.Resize(ref values, 2 * Count);
            p = ReadPlain(p, out var isBehindNumber);
            if (!isBehindNumber)
            {
                if (Count == values.Length)
                    continue;
                var next = JsonNumber.AnyDouble(p, out var value);
                if (next == null)
                {
                    odd = p;
                    return null;
                }
                values[Count++] = value;
                p = next;
            }
            p = JsonSyntax.AfterSpace(p);
            if (*p != ',')
                return *p == ']' ? p + 1 : null;
            p = JsonSyntax.AfterSpace(p + 1);
        }
    }

    /// <summary>Adds plain numbers, with a comma and at most a blank between them, as long as there is room.</summary>
    /// <remarks>
    /// Where numbers end is found for three of them at once, so that they are made side by side: the place of the next one is known before this one is read.
    /// Nothing is called, so that all stays in registers.
    /// </remarks>
    /// <param name="p">The first number.</param>
    /// <param name="isBehindNumber">Whether the answer is behind a number; otherwise it is at the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private byte* ReadPlain(byte* p, out bool isBehindNumber)
    {
        var (room, count) = (values, Count);
        // The 64 bytes from an origin on: which are digits, points, and ends of values.
        var origin = p;
        var (digits, points, ends, left) = (0ul, 0ul, 0ul, 0);
        isBehindNumber = false;
        while (count < room.Length)
        {
            if (left-- == 0)
            {
                var block = new ByteBlock(p);
                (digits, points, ends) = (block.AreDigits(), block.Is('.'), block.EndValues());
                origin = p;
                left = NumbersAtOnce - 1;
            }
            var first = *p == '-' ? p + 1 : p;
            var at = (int)(first - origin);
            var rest = digits >> at;
            var whole = BitOperations.TrailingZeroCount(~rest);
            var point = (int)(points >> at >> whole) & 1;
            var fraction = BitOperations.TrailingZeroCount(~(rest >> whole >> point));
            var next = p + BitOperations.TrailingZeroCount(ends >> (int)(p - origin));
            if (first + whole + point + fraction != next || !JsonNumber.TryAdd(first, whole, point, fraction, out var number))
            {
                // The end may just be out of sight.
                if (p == origin)
                    break;
                left = 0;
                continue;
            }
            room[count++] = NearestDouble.WithSign(NearestDouble.MakePlain(number, whole, fraction), first - p);
            p = next;
            if (*p != ',')
            {
                isBehindNumber = true;
                break;
            }
            if (p[1] > ' ')
                p++;
            else if (p[1] == ' ' && p[2] > ' ')
                p += 2;
            else
            {
                isBehindNumber = true;
                break;
            }
        }
        Count = count;
        return p;
    }
}
