using System.Numerics;
using System.Runtime.InteropServices;

namespace Serve.Eval.Masks;

/// <summary>
/// A mask as COCO's run lengths: column by column, the first run outside the mask, runs of no pixels allowed. One object can be filled again
/// and again; it keeps its memory.
/// </summary>
/// <remarks>Runs that end before the last pixel leave the rest outside the mask. Not safe for use by several threads.</remarks>
public sealed class RunLengths
{
    private uint[] ends = [];

    /// <summary>Height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>Width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Number of runs.</summary>
    public int Count { get; internal set; }

    /// <summary>
    /// Where each run ends, counted in pixels down the columns from the top left: the second, fourth, … run holds the mask's pixels, from the
    /// end before it up to its own. Valid until the mask is filled again.
    /// </summary>
    public ReadOnlySpan<uint> Ends => ends.AsSpan(0, Count);

    /// <summary>Pixels inside the mask.</summary>
    public long Area
    {
        get
        {
            // Ends of runs inside minus starts of them. The sums wrap around, their difference does not.
            var pairs = MemoryMarshal.Cast<uint, ulong>(Ends);
            var sums = Vector<uint>.Zero;
            var i = 0;
            for (; i + Vector<ulong>.Count <= pairs.Length; i += Vector<ulong>.Count)
                sums += new Vector<ulong>(pairs[i..]).As<ulong, uint>();
            uint area = 0;
            for (var lane = 0; lane < Vector<uint>.Count; lane += 2)
                area += sums[lane + 1] - sums[lane];
            for (; i < pairs.Length; i++)
                area += ends[(2 * i) + 1] - ends[2 * i];
            return area;
        }
    }

    /// <summary>Whether a run after the first has no pixels, which the reference never writes itself.</summary>
    internal bool HasEmptyRuns
    {
        get
        {
            for (var i = 1; i < Count; i++)
            {
                if (ends[i] == ends[i - 1])
                    return true;
            }
            return false;
        }
    }

    /// <summary>Reads the text form into a new mask; null when it is not one for a mask of this size.</summary>
    public static RunLengths? Parse(ReadOnlySpan<byte> text, long height, long width)
    {
        var mask = new RunLengths();
        return height is >= 0 and <= int.MaxValue && width is >= 0 and <= int.MaxValue && mask.TryRead(text, (int)height, (int)width) ? mask : null;
    }

    /// <summary>Whether a mask can have this size: no negative side, and no more pixels than 32 bits count.</summary>
    public static bool IsSize(int height, int width) => height >= 0 && width >= 0 && (long)height * width <= uint.MaxValue;

    /// <summary>Fills the mask with what a text form says; false, and an empty mask, when it is not one for a mask of this size.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, int height, int width)
    {
        if (!IsSize(height, width))
        {
            Clear(0, 0);
            return false;
        }
        Clear(height, width);
        var count = RunText.Read(text, Reserve(RunText.RoomFor(text)), (uint)height * (uint)width);
        Count = Math.Max(count, 0);
        return count >= 0;
    }

    /// <summary>Fills the mask with plain run lengths; false, and an empty mask, when there are too many pixels for this size.</summary>
    public bool TrySet(ReadOnlySpan<uint> counts, int height, int width)
    {
        Clear(height, width);
        ulong end = 0;
        var added = Reserve(counts.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            end += counts[i];
            added[i] = (uint)end;
        }
        if (end > (ulong)height * (ulong)width)
            return false;
        Count = counts.Length;
        return true;
    }

    /// <summary>Pixels of each run.</summary>
    public uint[] ToCounts()
    {
        var counts = Ends.ToArray();
        for (var i = counts.Length - 1; i > 0; i--)
            counts[i] -= counts[i - 1];
        return counts;
    }

    /// <summary>The text form, in ASCII.</summary>
    public byte[] ToText()
    {
        var text = new byte[RunText.LongestText(Count)];
        return text[..RunText.Write(ToCounts(), text)];
    }

    /// <summary>The smallest box (COCO xywh, whole pixels) around the mask; zeros for an empty mask.</summary>
    public (double X, double Y, double Width, double Height) EnclosingBox() => MaskBox.Around(this);

    /// <summary>Empties the mask and gives it a size.</summary>
    /// <exception cref="ArgumentException">No mask can have this size.</exception>
    public void Clear(int height, int width)
    {
        if (!IsSize(height, width))
            throw new ArgumentException($"size: {height} x {width}; no side may be negative, and at most {uint.MaxValue} pixels are allowed.");
        (Height, Width, Count) = (height, width, 0);
    }

    /// <summary>Makes the mask the same as another.</summary>
    public void CopyFrom(RunLengths other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Clear(other.Height, other.Width);
        other.Ends.CopyTo(Reserve(other.Count));
        Count = other.Count;
    }

    /// <summary>First pixel of the mask and the one after its last; equal for an empty mask.</summary>
    internal (uint First, uint Last) Extent()
    {
        var (i, j) = (1, (Count & ~1) - 1);
        while (i <= j && ends[i] == ends[i - 1])
            i += 2;
        while (j > i && ends[j] == ends[j - 1])
            j -= 2;
        return i <= j ? (ends[i - 1], ends[j]) : default;
    }

    /// <summary>Room behind the runs there are; what is written there counts when <see cref="Count"/> says so.</summary>
    internal Span<uint> Reserve(int count)
    {
        if (ends.Length - Count < count)
            Array.Resize(ref ends, Math.Max(checked(Count + count), Math.Max(64, 2 * ends.Length)));
        return ends.AsSpan(Count);
    }

    /// <summary>Adds a run that ends at a pixel.</summary>
    internal void Add(uint end)
    {
        if (Count == ends.Length)
            Reserve(1);
        ends[Count++] = end;
    }

    /// <summary>
    /// Changes from outside to inside, or back, at a pixel not before the last change; two changes at one pixel are none. Ended by
    /// <see cref="Add"/> of the number of pixels, before which all changes must lie.
    /// </summary>
    internal void Toggle(uint pixel)
    {
        if (Count > 0 && ends[Count - 1] == pixel)
            Count--;
        else
            Add(pixel);
    }
}
