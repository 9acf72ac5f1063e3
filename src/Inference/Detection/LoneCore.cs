using System.Runtime.InteropServices;

namespace Serve.Inference.Detection;

/// <summary>
/// Keeps the thread of a run that has all cores on the core that ONNX Runtime leaves to it: its pool pins a thread to each core but the first, and a caller that
/// comes to lie on the core of one of them halves the speed of both. Linux only; elsewhere, and where the system does not allow it, nothing happens.
/// </summary>
internal static partial class LoneCore
{
    // 8,192 processors.
    private const int MaskWords = 128;

    /// <summary>Moves this thread to the first core that the process may use.</summary>
    /// <returns>Moves it back to all of them.</returns>
    public static Stay Enter()
    {
        if (!OperatingSystem.IsLinux())
            return default;
        var all = All.Value;
        var first = all.AsSpan().IndexOfAnyExcept(0UL);
        if (first < 0)
            return default;
        Span<ulong> one = stackalloc ulong[MaskWords];
        one.Clear();
        one[first] = all[first] & (~all[first] + 1);
        return Set(one) ? new Stay(all) : default;
    }

    // What the process was started with, asked for once: on a thread that has not been moved.
    private static readonly Lazy<ulong[]> All = new(() =>
    {
        var mask = new ulong[MaskWords];
        return sched_getaffinity(Environment.ProcessId, MaskWords * sizeof(ulong), ref mask[0]) == 0 ? mask : new ulong[MaskWords];
    });

    private static bool Set(ReadOnlySpan<ulong> mask) => sched_setaffinity(0, MaskWords * sizeof(ulong), in MemoryMarshal.GetReference(mask)) == 0;

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int pid, nint size, ref ulong mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int pid, nint size, in ulong mask);

    /// <summary>Ends the stay.</summary>
    internal readonly struct Stay(ulong[]? all) : IDisposable
    {
        public void Dispose()
        {
            if (all is not null)
                Set(all);
        }
    }
}
