using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Serve.Eval.Masks;

/// <summary>The box around a mask.</summary>
internal static class MaskBox
{
    private const ulong LowHalf = uint.MaxValue;
    // As a double 2^52; its lowest bits are ones.
    private const ulong TwoTo52 = 0x4330_0000_0000_0000;

    /// <summary>The smallest box (COCO xywh, whole pixels); zeros for an empty mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double X, double Y, double Width, double Height) Around(RunLengths mask)
    {
        var (first, last) = mask.Extent();
        if (first == last)
            return default;
        // Each pair is a run inside: its start below, its end above.
        var runs = MemoryMarshal.Cast<uint, ulong>(mask.Ends);
        double height = mask.Height;
        var (top, bottom) = (height, 0.0);
        var whole = runs.Length - (runs.Length % Vector<ulong>.Count);
        if (whole > 0)
            (top, bottom) = Rows(runs[..whole], height);
        foreach (var run in runs[whole..])
        {
            var (start, end) = (run & LowHalf, run >> 32);
            if (start == end)
                continue;
            double row = start % (uint)mask.Height;
            (top, bottom) = (Math.Min(top, row), Math.Max(bottom, row + (end - start)));
        }
        // A run that passes the end of a column touches both the bottom and the top row.
        if (bottom > height)
            (top, bottom) = (0, height);
        var left = first / (uint)mask.Height;
        return (left, top, ((last - 1) / (uint)mask.Height) - left + 1, bottom - top);
    }

    // The first row of any run, and the one after its last, counted on beyond the end of the column.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (double Top, double Bottom) Rows(ReadOnlySpan<ulong> runs, double height)
    {
        var heights = new Vector<double>(height);
        var (top, bottom) = (heights, Vector<double>.Zero);
        for (var i = 0; i < runs.Length; i += Vector<ulong>.Count)
        {
            var run = new Vector<ulong>(runs[i..]);
            var start = ToDouble(run & new Vector<ulong>(LowHalf));
            var length = ToDouble(run >>> 32) - start;
            // The quotient may be one off, by rounding; the remainder then is outside by that.
            var row = start - (Vector.Floor(start * (1 / height)) * heights);
            row += Vector.ConditionalSelect(Vector.LessThan(row, Vector<double>.Zero), heights, Vector<double>.Zero);
            row -= Vector.ConditionalSelect(Vector.GreaterThanOrEqual(row, heights), heights, Vector<double>.Zero);
            var isRun = Vector.GreaterThan(length, Vector<double>.Zero);
            top = Vector.Min(top, Vector.ConditionalSelect(isRun, row, heights));
            bottom = Vector.Max(bottom, Vector.ConditionalSelect(isRun, row + length, Vector<double>.Zero));
        }
        var (lowest, highest) = (top[0], bottom[0]);
        for (var lane = 1; lane < Vector<double>.Count; lane++)
            (lowest, highest) = (Math.Min(lowest, top[lane]), Math.Max(highest, bottom[lane]));
        return (lowest, highest);
    }

    // Whole numbers of 32 bits.
    private static Vector<double> ToDouble(Vector<ulong> numbers)
        => (numbers | new Vector<ulong>(TwoTo52)).As<ulong, double>() - new Vector<double>(BitConverter.UInt64BitsToDouble(TwoTo52));
}
