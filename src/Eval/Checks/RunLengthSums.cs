using System.Buffers;
using Serve.Eval.Masks;

namespace Serve.Eval.Checks;

/// <summary>What the runs of a mask add up to, whether or not they fit it.</summary>
/// <param name="All">Pixels of all runs.</param>
/// <param name="Inside">Pixels of the runs inside the mask: every second one.</param>
internal readonly record struct RunLengthSums(long All, long Inside)
{
    /// <summary>Adds up the runs of a text; null where it is none.</summary>
    public static RunLengthSums? Read(ReadOnlySpan<byte> text)
    {
        var ends = ArrayPool<uint>.Shared.Rent(RunText.RoomFor(text));
        var count = RunText.Read(text, ends, ulong.MaxValue);
        long all = 0, inside = 0;
        for (var i = 0; i < count; i++)
        {
            // Ends of more pixels than 32 bits count have wrapped around; their difference is the run all the same.
            var run = i == 0 ? ends[0] : unchecked(ends[i] - ends[i - 1]);
            all += run;
            inside += i % 2 == 1 ? run : 0;
        }
        ArrayPool<uint>.Shared.Return(ends);
        return count < 0 ? null : new(all, inside);
    }
}
