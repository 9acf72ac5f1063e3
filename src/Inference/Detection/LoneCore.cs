using System.Runtime.InteropServices;

namespace Serve.Inference.Detection;

/// <summary>
/// Keeps the thread of a run that has all cores on the core that is left to it: the pool's threads are pinned to a core each but the first, and a caller that comes to
/// lie on the core of one of them halves the speed of both. Linux only; elsewhere, and where the system does not allow it, nothing happens.
/// </summary>
internal static partial class LoneCore
{
    // 8,192 processors.
    private const int MaskWords = 128;

    /// <summary>
    /// Numbers of the cores that a run may have: those that the process was started on, one of each pair that shares a core, no more than a limit on its processor time
    /// allows. Empty where the system does not tell.
    /// </summary>
    public static IReadOnlyList<int> Cores { get; } = FindCores();

    private static readonly ulong[] All = OperatingSystem.IsLinux() ? AffinityOfProcess() : [];

    /// <summary>Moves this thread to the first of the cores.</summary>
    /// <returns>Moves it back to all of them.</returns>
    public static Stay Enter()
    {
        if (Cores.Count < 2)
            return default;
        Span<ulong> one = stackalloc ulong[MaskWords];
        one.Clear();
        one[Cores[0] / 64] = 1UL << (Cores[0] % 64);
        return Set(one) ? new Stay(All) : default;
    }

    private static List<int> FindCores()
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var allowed = AffinityOfProcess();
        var cores = new List<int>();
        for (var core = 0; core < 64 * MaskWords && cores.Count < Environment.ProcessorCount; core++)
        {
            if (IsIn(core) && !FirstSiblings(core).Any(other => other < core && IsIn(other)))
                cores.Add(core);
        }

        return cores;

        bool IsIn(int core) => (allowed[core / 64] >> (core % 64) & 1) != 0;
    }

    // "0,64" or "0-1": the processors of one core. Only the lowest of them can be before this one.
    private static IEnumerable<int> FirstSiblings(int core)
    {
        string siblings;
        try
        {
            siblings = File.ReadAllText($"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return siblings.Split(',', '-').Select(text => int.TryParse(text, out var number) ? number : core);
    }

    // Of the process's first thread, which is never moved.
    private static ulong[] AffinityOfProcess()
    {
        var mask = new ulong[MaskWords];
        return sched_getaffinity(Environment.ProcessId, MaskWords * sizeof(ulong), ref mask[0]) == 0 ? mask : new ulong[MaskWords];
    }

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
