namespace Serve.Eval.Checks;

/// <summary>What the runs of a mask add up to, whether or not they fit it.</summary>
/// <param name="All">Pixels of all runs.</param>
/// <param name="Inside">Pixels of the runs inside the mask: every second one.</param>
internal readonly record struct RunLengthSums(long All, long Inside)
{
    // COCO's text form: five bits a character, lowest first, offset 48; bit 6 says that more follow, bit 5 of the last is the sign. From the fourth
    // run on, the text holds the difference to the run two places back.
    private const int Offset = 48;
    private const uint PayloadMask = 0x1F;
    private const uint SignBit = 0x10;
    private const uint MoreBit = 0x20;
    private const int LongestNumber = 7;

    /// <summary>Adds up the runs of a text; null where it is none.</summary>
    public static RunLengthSums? Read(ReadOnlySpan<byte> text)
    {
        long all = 0, inside = 0, last = 0, beforeLast = 0;
        for (var count = 0; !text.IsEmpty; count++)
        {
            if (!TryReadNumber(ref text, out var run))
                return null;
            if (count > 2)
                run += beforeLast;
            if (run is < 0 or > uint.MaxValue)
                return null;
            all += run;
            inside += count % 2 == 1 ? run : 0;
            (beforeLast, last) = (last, run);
        }
        return new(all, inside);
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
