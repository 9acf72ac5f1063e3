namespace Serve.Eval.Masks;

/// <summary>
/// The text form of run lengths (COCO API): five bits a character, lowest first, offset 48; bit 6 says that more follow, bit 5 of the last
/// is the sign. From the fourth run on, the text holds the difference to the run two places back.
/// </summary>
internal static class RunText
{
    private const int Offset = 48;
    private const int PayloadBits = 5;
    private const uint PayloadMask = 0x1F;
    private const uint SignBit = 0x10;
    private const uint MoreBit = 0x20;
    // A difference of two 32-bit counts has 33 bits.
    private const int LongestNumber = 7;

    /// <summary>Most characters that so many runs take.</summary>
    public static int LongestText(int runs) => checked(LongestNumber * runs);

    /// <summary>Writes runs and answers how many characters they took.</summary>
    /// <param name="counts">Pixels of each run.</param>
    /// <param name="text">Room for <see cref="LongestText"/> characters.</param>
    public static int Write(ReadOnlySpan<uint> counts, Span<byte> text)
    {
        var at = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            long rest = i > 2 ? (long)counts[i] - counts[i - 2] : counts[i];
            while (true)
            {
                var bits = (uint)rest & PayloadMask;
                rest >>= PayloadBits;
                if (rest == ((bits & SignBit) == 0 ? 0 : -1))
                {
                    text[at++] = (byte)(bits + Offset);
                    break;
                }
                text[at++] = (byte)((bits | MoreBit) + Offset);
            }
        }
        return at;
    }
}
