using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Serve.Eval.Masks;

/// <summary>
/// The text form of run lengths (COCO API): five bits a character, lowest first, offset 48; bit 6 says that more follow, bit 5 of the last
/// is the sign. From the fourth run on, the text holds the difference to the run two places back.
/// </summary>
internal static class RunText
{
    /// <summary>The character of the bits 0; those of all others follow it.</summary>
    public const byte Offset = 48;

    /// <summary>Bits of a number that a character holds.</summary>
    public const int PayloadBits = 5;

    /// <summary>The bit that says that the number goes on.</summary>
    public const byte MoreBit = 0x20;

    private const byte PayloadMask = 0x1F;
    private const byte SignBit = 0x10;
    private const byte LastCharacter = Offset + (MoreBit | PayloadMask);
    // A difference of two 32-bit counts has 33 bits.
    private const int LongestNumber = 7;
    private const int Word = sizeof(ulong);
    private const ulong EachByte = 0x0101_0101_0101_0101;

    /// <summary>Most characters that so many runs take.</summary>
    public static int LongestText(int runs) => checked(LongestNumber * runs);

    /// <summary>Room that <see cref="Read"/> needs for the ends of the runs.</summary>
    public static int RoomFor(ReadOnlySpan<byte> text) => text.Length + RunTextVectors.Slack;

    /// <summary>Reads a text and answers how many runs it has, or -1 when it is no text form of a mask with so many pixels.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="ends">Is filled with the end of each run: the sum of the runs up to it. Has <see cref="RoomFor"/> the text.</param>
    /// <param name="pixels">Most pixels that all runs may have together. Beyond 32 bits, ends wrap around.</param>
    public static int Read(ReadOnlySpan<byte> text, Span<uint> ends, ulong pixels)
    {
        if (text.ContainsAnyExceptInRange(Offset, LastCharacter))
            return -1;
        return Avx2.IsSupported && pixels <= int.MaxValue ? RunTextVectors.Read(text, ends, (int)pixels) : ReadWords(text, ends, pixels);
    }

    /// <summary>
    /// Reads a text of possible characters, eight at a time: where numbers end is found for all of them at once, and faults are looked at in
    /// the end.
    /// </summary>
    internal static int ReadWords(ReadOnlySpan<byte> text, Span<uint> ends, ulong pixels)
    {
        var (at, count) = (0, 0);
        var (previous, beforePrevious) = (0L, 0L);
        var (end, badRuns) = (0UL, 0UL);
        while (at < text.Length)
        {
            var rest = text[at..];
            var bits = (rest.Length >= Word ? BinaryPrimitives.ReadUInt64LittleEndian(rest) : Padded(rest)) - (Offset * EachByte);
            var lasts = ~bits & (MoreBit * EachByte) & (ulong.MaxValue >> (8 * (Word - Math.Min(rest.Length, Word))));
            // The text stops within a number, or a number is longer than any can be.
            if (lasts == 0)
                return -1;
            at += Word - (BitOperations.LeadingZeroCount(lasts) >> 3);
            var payload = Pack(bits);
            var from = 0;
            do
            {
                var to = (PayloadBits * (BitOperations.TrailingZeroCount(lasts) >> 3)) + PayloadBits;
                var run = ((long)(payload << (64 - to)) >> (64 - to + from)) + beforePrevious;
                // The fourth run is the first to which an earlier one is added, and that is the second.
                (beforePrevious, previous) = (previous, count == 0 ? 0 : run);
                end += (ulong)run;
                badRuns |= (ulong)run;
                ends[count++] = (uint)end;
                from = to;
                lasts &= lasts - 1;
            }
            while (lasts != 0);
        }
        return badRuns > uint.MaxValue || end > pixels ? -1 : count;
    }

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
                var bits = (byte)(rest & PayloadMask);
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

    private static ulong Padded(ReadOnlySpan<byte> rest)
    {
        Span<byte> word = stackalloc byte[Word];
        word.Fill(Offset);
        rest.CopyTo(word);
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }

    // Moves the five payload bits of each character together.
    private static ulong Pack(ulong bits)
    {
        bits = (bits & 0x001F_001F_001F_001F) | ((bits >> 3) & 0x03E0_03E0_03E0_03E0);
        bits = (bits & 0x0000_03FF_0000_03FF) | ((bits >> 6) & 0x000F_FC00_000F_FC00);
        return (bits & 0x0F_FFFF) | ((bits >> 12) & 0xFF_FFF0_0000);
    }
}
