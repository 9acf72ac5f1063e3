using System.Runtime.CompilerServices;

namespace Serve.Eval.Json;

/// <summary>The numbers of an array, or of several one after another. Keeps its memory when it is used again.</summary>
internal sealed unsafe class NumberBuffer
{
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public byte* Read(byte* p, out byte* odd)
    {
        odd = null;
        p = JsonSyntax.AfterSpace(p + 1);
        if (*p == ']')
            return p + 1;
        var (room, count) = (values, Count);
        while (true)
        {
            var next = JsonNumber.Double(p, out var value);
            if (next == null)
            {
                odd = p;
                Count = count;
                return null;
            }
            if (count == room.Length)
            {
                Array.Resize(ref values, 2 * count);
                room = values;
            }
            room[count++] = value;
            p = next;
            if (*p != ',')
            {
                p = JsonSyntax.AfterSpace(p);
                if (*p != ',')
                    break;
            }
            p = JsonSyntax.AfterSpace(p + 1);
        }
        Count = count;
        return *p == ']' ? p + 1 : null;
    }
}
