using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Serve.Eval.Masks;

/// <summary>
/// Reads the text form of run lengths up to eight numbers at a time, where the processor has AVX2. Eight characters say by which of them are
/// the last of a number how their numbers are gathered, one in each lane; sums over lanes give the runs and their ends.
/// </summary>
/// <remarks>The gathering follows Plaisance, Kurz and Lemire, "Vectorized VByte Decoding", 2015.</remarks>
internal static class RunTextVectors
{
    /// <summary>Room that is written beyond the last run.</summary>
    public const int Slack = 8;

    private const int Window = 8;
    private const int Block = 32;
    // A window may start up to its own length before the end of a block, and is loaded with as many characters behind it.
    private const int Reach = Block + Window;
    private const byte Nothing = 0x80;
    private static readonly Shape[] Shapes = [.. Enumerable.Range(0, 1 << Window).Select(Shape.Of)];

    /// <summary>Reads a text and answers how many runs it has, or -1 when it is no text form of a mask with so many pixels.</summary>
    /// <param name="text">The characters, each of them a possible one.</param>
    /// <param name="ends">Is filled with the end of each run, and more; room for <see cref="Slack"/> more than there are characters.</param>
    /// <param name="pixels">Most pixels that all runs may have together.</param>
    public static int Read(ReadOnlySpan<byte> text, Span<uint> ends, int pixels)
    {
        var state = default(State);
        if (text.Length >= Reach && !Read(text, text.Length - Reach, ends, pixels, ref state))
            return -1;
        // No number ends in what is put behind the text.
        var rest = text[state.At..];
        Span<byte> padded = stackalloc byte[2 * Reach];
        padded.Fill(RunText.Offset + RunText.MoreBit);
        rest.CopyTo(padded);
        state.At = 0;
        return Read(padded, rest.Length - 1, ends, pixels, ref state) ? state.Count : -1;
    }

    /// <summary>Reads numbers as long as they start at or before a character; false for a fault.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Read(ReadOnlySpan<byte> text, int lastStart, Span<uint> ends, int pixels, ref State state)
    {
        ReadOnlySpan<Shape> shapes = Shapes;
        var (at, count) = (state.At, state.Count);
        // Of the two runs that come next, the ones to which they are differences, again and again.
        var earlier = Vector256.Create(state.Earlier).AsInt32();
        var end = Vector256.Create(state.End);
        var limit = Vector256.Create(pixels);
        var bad = Vector256<int>.Zero;
        while (at <= lastStart)
        {
            // One bit for each character that is the last of its number.
            var lasts = Vector256.LessThan(Vector256.Create(text.Slice(at, Block)), Vector256.Create((byte)(RunText.Offset + RunText.MoreBit))).ExtractMostSignificantBits();
            var windowEnd = Math.Min(lastStart, at + Block - Window);
            while (at <= windowEnd)
            {
                ref readonly var shape = ref shapes[(byte)lasts];
                if (shape.Count == 0 || count == 0)
                {
                    var length = ReadLong(text[at..], count == 0 ? 0 : earlier[0], out var run);
                    if (length == 0 || run > pixels - end[0])
                        return false;
                    earlier = count == 0 ? earlier : Vector256.Create((uint)earlier[1] | (run << 32)).AsInt32();
                    end += Vector256.Create((int)run);
                    ends[count++] = (uint)end[0];
                    at += length;
                    // Such a number may be longer than what is left of the block.
                    lasts >>= length;
                    continue;
                }
                var numbers = Gather(text.Slice(at, Vector128<byte>.Count), shape);
                numbers += Sse2.ShiftLeftLogical128BitLane(numbers, 2 * sizeof(short));
                numbers += Sse2.ShiftLeftLogical128BitLane(numbers, 4 * sizeof(short));
                var runs = Avx2.ConvertToVector256Int32(numbers) + earlier;
                var sums = runs & Avx2.ConvertToVector256Int32(Vector128.GreaterThan(shape.Signs, Vector128<short>.Zero));
                sums += Avx2.ShiftLeftLogical128BitLane(sums, sizeof(int));
                sums += Avx2.ShiftLeftLogical128BitLane(sums, 2 * sizeof(int));
                sums += Vector256.Shuffle(sums, Vector256.Create(8, 8, 8, 8, 3, 3, 3, 3)) + end;
                sums.AsUInt32().CopyTo(ends[count..]);
                // The first fault is seen before anything overflows.
                bad |= runs | sums | (limit - sums);
                end = Avx2.PermuteVar8x32(sums, Vector256.Create(7));
                earlier = Avx2.PermuteVar8x32(runs, Vector256.Create(6, 7, 6, 7, 6, 7, 6, 7) ^ Vector256.Create(shape.Count & 1));
                count += shape.Count;
                at += shape.Length;
                lasts >>= shape.Length;
            }
        }
        state = new() { At = at, Count = count, Earlier = earlier.AsInt64()[0], End = end[0] };
        return bad.ExtractMostSignificantBits() == 0;
    }

    /// <summary>The numbers of up to eight characters, one in each lane, and 0 in the lanes behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Gather(ReadOnlySpan<byte> characters, in Shape shape)
    {
        var bits = Ssse3.Shuffle(Vector128.Create(characters) - Vector128.Create(RunText.Offset), shape.Gather).AsInt16();
        var numbers = (bits & Vector128.Create((short)0x1F)) | ((bits >>> 3) & Vector128.Create((short)0x3E0));
        // Extends the sign from its place.
        return (numbers ^ shape.Signs) - shape.Signs;
    }

    // The first number, and numbers of three characters or more. Answers how many characters it has; 0 for a fault.
    private static int ReadLong(ReadOnlySpan<byte> text, int earlier, out long run)
    {
        run = 0;
        for (var i = 0; i < Math.Min(text.Length, Window); i++)
        {
            var (bits, shift) = (text[i] - RunText.Offset, 64 - (RunText.PayloadBits * (i + 1)));
            run |= (long)(bits & 0x1F) << (RunText.PayloadBits * i);
            if (bits >= RunText.MoreBit)
                continue;
            run = (run << shift >> shift) + earlier;
            return run >= 0 ? i + 1 : 0;
        }
        return 0;
    }

    private struct State
    {
        public int At;
        public int Count;
        public long Earlier;
        public int End;
    }

    /// <summary>What to do with eight characters.</summary>
    private readonly struct Shape
    {
        /// <summary>Which characters make each number.</summary>
        public Vector128<byte> Gather { get; private init; }

        /// <summary>The place of each number's sign; 0 where there is no number.</summary>
        public Vector128<short> Signs { get; private init; }

        /// <summary>How many numbers there are before one of more than two characters.</summary>
        public int Count { get; private init; }

        /// <summary>How many characters they have.</summary>
        public int Length { get; private init; }

        /// <param name="lasts">One bit for each character that is the last of its number.</param>
        public static Shape Of(int lasts)
        {
            Span<byte> gather = stackalloc byte[Vector128<byte>.Count];
            Span<short> signs = stackalloc short[Vector128<short>.Count];
            gather.Fill(Nothing);
            var (count, at) = (0, 0);
            while (at < Window)
            {
                var length = (lasts & (1 << at)) != 0 ? 1 : 2;
                if (at + length > Window || (lasts & (1 << (at + length - 1))) == 0)
                    break;
                for (var i = 0; i < length; i++)
                    gather[(2 * count) + i] = (byte)(at + i);
                signs[count++] = (short)(1 << ((RunText.PayloadBits * length) - 1));
                at += length;
            }
            return new() { Gather = Vector128.Create<byte>(gather), Signs = Vector128.Create<short>(signs), Count = count, Length = at };
        }
    }
}
