using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Serve.Cli.Bench;

/// <summary>Sleeps to within some 0.1 ms; timers of .NET round to whole milliseconds, which is much beside an answer of ten.</summary>
internal static partial class PreciseSleep
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Duration
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Duration duration, nint remaining);

    /// <summary>Blocks the thread until a time of <see cref="Stopwatch.GetTimestamp"/>, for half a second at most.</summary>
    public static void Until(long timestamp)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp);
        if (left <= TimeSpan.Zero)
            return;
        if (left > TimeSpan.FromSeconds(0.5))
            left = TimeSpan.FromSeconds(0.5);
        if (OperatingSystem.IsLinux())
            _ = NanoSleep(new Duration { Nanoseconds = (nint)(left.TotalMilliseconds * 1e6) }, 0);
        else
            Thread.Sleep(left);
    }
}
