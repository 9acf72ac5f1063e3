namespace Serve.Eval.Masks;

/// <summary>
/// A mask as COCO's run lengths: column by column, the first run outside the mask. Only what box evaluation needs of it: the text form,
/// the area and the enclosing box.
/// </summary>
internal sealed class RunLengths
{
    // The text form (COCO API): five bits a character, lowest first, offset 48; bit 6 says that more follow, bit 5 of the last is the sign.
    private const int Offset = 48;
    private const uint PayloadMask = 0x1F;
    private const uint SignBit = 0x10;
    private const uint MoreBit = 0x20;
    private const int LongestNumber = 7;

    private readonly uint[] runs;
    private readonly uint height;
    private readonly uint width;

    private RunLengths(uint[] runs, uint height, uint width) => (this.runs, this.height, this.width) = (runs, height, width);

    /// <summary>Pixels inside the mask.</summary>
    public double Area
    {
        get
        {
            long area = 0;
            for (var i = 1; i < runs.Length; i += 2)
                area += runs[i];
            return area;
        }
    }

    /// <summary>Reads the text form; null when it is not one for a mask of this size.</summary>
    public static RunLengths? Parse(ReadOnlySpan<byte> text, long height, long width)
    {
        if (height < 0 || width < 0 || height > int.MaxValue || width > int.MaxValue || (Int128)height * width > uint.MaxValue)
            return null;
        var runs = new List<uint>(text.Length);
        long total = 0;
        while (!text.IsEmpty)
        {
            if (!TryReadNumber(ref text, out var run))
                return null;
            // From the fourth run on, the text holds the difference to the run two places back.
            if (runs.Count > 2)
                run += runs[^2];
            total += run;
            if (run < 0 || total > height * width)
                return null;
            runs.Add((uint)run);
        }
        return new([.. runs], (uint)height, (uint)width);
    }

    /// <summary>The smallest box (COCO xywh, whole pixels) around the mask; zeros for an empty mask.</summary>
    public (double X, double Y, double Width, double Height) EnclosingBox()
    {
        uint left = width, top = height, right = 0, bottom = 0, start = 0;
        for (var i = 0; i + 1 < runs.Length; i += 2)
        {
            start += runs[i];
            var end = start + runs[i + 1];
            if (end == start)
                continue;
            var (firstColumn, lastColumn) = (start / height, (end - 1) / height);
            // A run that passes the end of a column touches both the bottom and the top row.
            var crosses = firstColumn != lastColumn;
            left = Math.Min(left, firstColumn);
            right = Math.Max(right, lastColumn);
            top = Math.Min(top, crosses ? 0 : start % height);
            bottom = Math.Max(bottom, crosses ? height - 1 : (end - 1) % height);
            start = end;
        }
        return right < left || bottom < top ? default : (left, top, right - left + 1, bottom - top + 1);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        for (var i = 0; i < Math.Min(text.Length, LongestNumber); i++)
        {
            var bits = (uint)text[i] - Offset;
            if (bits > (MoreBit | PayloadMask))
                return false;
            number |= (long)(bits & PayloadMask) << (5 * i);
            if ((bits & MoreBit) != 0)
                continue;
            if ((bits & SignBit) != 0)
                number |= -1L << (5 * (i + 1));
            text = text[(i + 1)..];
            return true;
        }
        return false;
    }
}
