using System.Numerics;

namespace Serve.Eval.Masks;

/// <summary>
/// A part of an image with one bit for each change between outside and inside, going down the columns. Read in order, the bits are a mask's
/// runs. Not safe for use by several threads.
/// </summary>
internal sealed class ChangeGrid
{
    private const int LargestGrid = 1 << 15;

    // Columns one after another, whole words each. Zero between collecting and the next change.
    private ulong[] bits = [];
    private int left;
    private int right;
    private int top;
    private int stride;

    /// <summary>How many columns can be kept in the cache between these rows, both included.</summary>
    public static int ColumnsAtOnce(int top, int bottom) => Math.Max(1, LargestGrid / WordsOf(top, bottom));

    /// <summary>Words of a column between these rows, both included.</summary>
    public static int WordsOf(int top, int bottom) => ((bottom - top) >> 6) + 1;

    /// <summary>Moves the empty grid to a part of an image, all sides included; the bottom row may be the one below the image.</summary>
    public void Begin(int left, int right, int top, int bottom)
    {
        (this.left, this.right, this.top, stride) = (left, right, top, WordsOf(top, bottom));
        var size = (right - left + 1) * stride;
        if (bits.Length < size)
            bits = new ulong[Math.Max(size, 2 * bits.Length)];
    }

    /// <summary>Notes a change, or takes back one that is noted.</summary>
    public void Change(int column, int row)
    {
        var at = row - top;
        bits[((column - left) * stride) + (at >> 6)] ^= 1UL << at;
    }

    /// <summary>The words of a column, to be written.</summary>
    public Span<ulong> Column(int column) => bits.AsSpan((column - left) * stride, stride);

    /// <summary>Appends the changes to a mask, and empties the grid.</summary>
    public void Collect(RunLengths mask)
    {
        var (height, pixels) = ((uint)mask.Height, (uint)mask.Height * (uint)mask.Width);
        var at = 0;
        for (var column = left; column <= right; column++)
        {
            var start = ((uint)column * height) + (uint)top;
            for (var word = 0; word < stride; word++, at++, start += 64)
            {
                var changes = bits[at];
                bits[at] = 0;
                for (; changes != 0; changes &= changes - 1)
                {
                    // The end of a column is the start of the next, and the end of the last is no change.
                    var pixel = start + (uint)BitOperations.TrailingZeroCount(changes);
                    if (pixel < pixels)
                        mask.Toggle(pixel);
                }
            }
        }
    }
}
