using System.Numerics;

namespace Serve.Eval.Masks;

/// <summary>
/// The boundary region of a mask: its pixels that lie no further than a distance from a pixel outside it, in rows or columns, whichever is
/// more. Beyond the image's border is outside. Not safe for use by several threads.
/// </summary>
/// <remarks>
/// Cheng, Girshick, Dollár, Berg, Kirillov, "Boundary IoU", CVPR 2021. Their implementation erodes the mask by a square of 3 x 3 pixels as
/// often as the distance says; that is once by a larger square, or by its height and then its width.
/// </remarks>
internal sealed class MaskBoundary
{
    private readonly RunLengths plain = new();
    private readonly ChangeGrid grid = new();
    private ulong[] inside = [];
    private ulong[] inner = [];
    private int left;
    private int columns;
    private int top;
    private int stride;

    /// <summary>How far the boundary region reaches: a share of the image's diagonal, rounded, and at least one pixel.</summary>
    public static int Distance(int height, int width, double dilationRatio)
        => (int)Math.Max(1, Math.Round(dilationRatio * Math.Sqrt(((double)height * height) + ((double)width * width))));

    /// <summary>Finds the boundary region.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="dilationRatio">The distance, as a share of the diagonal of the mask's size.</param>
    /// <param name="boundary">Is filled with the region.</param>
    public void Find(RunLengths mask, double dilationRatio, RunLengths boundary)
    {
        Simplify(mask, plain);
        var distance = Distance(mask.Height, mask.Width, dilationRatio);
        var box = plain.EnclosingBox();
        if (Math.Min(box.Width, box.Height) <= 2.0 * distance)
        {
            // Nothing is that far from the outside.
            boundary.CopyFrom(plain);
            return;
        }
        (left, columns, top) = ((int)box.X, (int)box.Width, (int)box.Y);
        var bottom = top + (int)box.Height;
        stride = ChangeGrid.WordsOf(top, bottom);
        Fill(distance);
        ErodeSideways((2 * distance) + 1);
        boundary.Clear(mask.Height, mask.Width);
        grid.Begin(left, left + columns - 1, top, bottom);
        for (var column = 0; column < columns; column++)
            NoteChanges(column, distance);
        grid.Collect(boundary);
        boundary.Add((uint)mask.Height * (uint)mask.Width);
    }

    // Without runs of no pixels, as drawing the mask pixel by pixel would leave it.
    private static void Simplify(RunLengths mask, RunLengths plain)
    {
        plain.Clear(mask.Height, mask.Width);
        var pixels = (uint)mask.Height * (uint)mask.Width;
        // The end of a last run outside is no change, also where the runs end early.
        foreach (var end in mask.Ends[..(mask.Count & ~1)])
        {
            if (end < pixels)
                plain.Toggle(end);
        }
        plain.Add(pixels);
    }

    // The mask, and what is left of it when each column's runs lose the distance at both ends.
    private void Fill(int distance)
    {
        var size = columns * stride;
        if (inside.Length < size)
            (inside, inner) = (new ulong[Math.Max(size, 2 * inside.Length)], new ulong[Math.Max(size, 2 * inside.Length)]);
        inside.AsSpan(0, size).Clear();
        inner.AsSpan(0, size).Clear();
        var height = (uint)plain.Height;
        var ends = plain.Ends;
        for (var i = 1; i < ends.Length; i += 2)
        {
            var (column, row) = Math.DivRem(ends[i - 1], height);
            for (var rest = ends[i] - ends[i - 1]; rest > 0; column++, row = 0)
            {
                var length = Math.Min(rest, height - row);
                var (at, start) = (((int)column - left) * stride, (int)row - top);
                SetBits(inside.AsSpan(at, stride), start, start + (int)length);
                SetBits(inner.AsSpan(at, stride), start + distance, start + (int)length - distance);
                rest -= length;
            }
        }
    }

    // Afterwards a column holds what is in it and in the columns behind it, window columns in all.
    private void ErodeSideways(int window)
    {
        for (var done = 1; done < window;)
        {
            var step = Math.Min(done, window - done);
            done += step;
            var length = (columns - done + 1) * stride;
            And(inner.AsSpan(0, length), inner.AsSpan(step * stride, length));
        }
    }

    private void NoteChanges(int column, int distance)
    {
        var hasInner = column >= distance && column < columns - distance;
        var changes = grid.Column(left + column);
        ulong above = 0;
        for (var word = 0; word < stride; word++)
        {
            var bits = inside[(column * stride) + word];
            if (hasInner)
                bits &= ~inner[((column - distance) * stride) + word];
            changes[word] = bits ^ ((bits << 1) | above);
            above = bits >> 63;
        }
    }

    // Forwards, so that words that are still needed are not yet changed.
    private static void And(Span<ulong> bits, ReadOnlySpan<ulong> others)
    {
        var i = 0;
        for (; i + Vector<ulong>.Count <= bits.Length; i += Vector<ulong>.Count)
            (new Vector<ulong>(bits[i..]) & new Vector<ulong>(others[i..])).CopyTo(bits[i..]);
        for (; i < bits.Length; i++)
            bits[i] &= others[i];
    }

    private static void SetBits(Span<ulong> bits, int from, int to)
    {
        if (from >= to)
            return;
        var (start, end) = (from >> 6, (to - 1) >> 6);
        var (atStart, atEnd) = (ulong.MaxValue << from, ulong.MaxValue >> (63 - ((to - 1) & 63)));
        if (start == end)
        {
            bits[start] |= atStart & atEnd;
            return;
        }
        bits[start] |= atStart;
        bits[(start + 1)..end].Fill(ulong.MaxValue);
        bits[end] |= atEnd;
    }
}
