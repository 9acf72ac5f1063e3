using System.Globalization;
using System.Runtime.InteropServices;

namespace Serve.Inference.Detection;

/// <summary>
/// Keeps the thread of a run on one core while it runs, and those of several runs on different ones. The system places threads by how many are ready and not by how long
/// each will take: two runs that share a core beside a few short tasks on the other one look even to it, and take twice as long. Linux only; elsewhere, and where the
/// system does not allow it, nothing happens.
/// </summary>
internal static partial class RunCores
{
    // 8,192 processors.
    private const int MaskWords = 128;

    private static readonly ulong[] All = OperatingSystem.IsLinux() ? AffinityOfProcess() : [];

    private static readonly (IReadOnlyList<int> Cores, IReadOnlyList<int> Processors) Found = Usable(
        [.. Enumerable.Range(0, All.Length * 64).Where(processor => (All[processor / 64] >> (processor % 64) & 1) != 0)], Environment.ProcessorCount, Siblings);

    private static readonly RunSeats Seats = new(Found.Processors.Count);

    /// <summary>
    /// Numbers of the cores that a run of all cores uses: those that the process was started on, one of each pair that shares a core. Empty where the system does not tell,
    /// and where the process may have less time than its processors have, as in a container with a limit: its neighbours would be pinned to the same first few.
    /// </summary>
    public static IReadOnlyList<int> Cores => Found.Cores;

    /// <summary>Moves this thread to the first of the cores: the threads of the pool that helps it are pinned to a core each but that one.</summary>
    /// <returns>Lets it go again.</returns>
    public static Stay EnterFirst() => Cores.Count > 1 && Seats.TryTake(0) ? Keep(0) : default;

    /// <summary>Keeps this thread on the processor that it is on, or where that has another run, moves it to one that has none. Where all have one it is left as it is.</summary>
    /// <returns>Lets it go again.</returns>
    public static Stay EnterFree() => Found.Processors.Count > 1 && Seats.TryTakeFree(SeatOf(sched_getcpu()), out var seat) ? Keep(seat) : default;

    /// <summary>The processors to keep runs on.</summary>
    /// <param name="allowed">Those that the process was started on, ascending.</param>
    /// <param name="count">As many may be busy at once.</param>
    /// <param name="siblings">The processors that share a core with one, itself among them.</param>
    /// <returns>The first of each core, and all, these before those that share a core with them; none where not all may be busy.</returns>
    internal static (IReadOnlyList<int> Cores, IReadOnlyList<int> Processors) Usable(IReadOnlyList<int> allowed, int count, Func<int, IEnumerable<int>> siblings)
    {
        if (allowed.Count > count)
            return ([], []);
        var cores = allowed.Where(processor => !siblings(processor).Any(other => other < processor && allowed.Contains(other))).ToList();
        return (cores, [.. cores, .. allowed.Except(cores)]);
    }

    private static int SeatOf(int processor)
    {
        for (var seat = 0; seat < Found.Processors.Count; seat++)
        {
            if (Found.Processors[seat] == processor)
                return seat;
        }

        return -1;
    }

    private static Stay Keep(int seat)
    {
        Span<ulong> one = stackalloc ulong[MaskWords];
        one.Clear();
        var processor = Found.Processors[seat];
        one[processor / 64] = 1UL << (processor % 64);
        Set(one);
        return new Stay(seat);
    }

    // "0,64" or "0-1": only the lowest of them can be before this one.
    private static IEnumerable<int> Siblings(int processor)
    {
        try
        {
            var siblings = File.ReadAllText($"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list");
            return siblings.Split(',', '-').Select(text => int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : processor);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Of the process's first thread, which is never moved.
    private static ulong[] AffinityOfProcess()
    {
        var mask = new ulong[MaskWords];
        return sched_getaffinity(Environment.ProcessId, MaskWords * sizeof(ulong), ref mask[0]) == 0 ? mask : [];
    }

    private static void Set(ReadOnlySpan<ulong> mask) => _ = sched_setaffinity(0, MaskWords * sizeof(ulong), in MemoryMarshal.GetReference(mask));

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int pid, nint size, ref ulong mask);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int pid, nint size, in ulong mask);

    [LibraryImport("libc")]
    private static partial int sched_getcpu();

    /// <summary>A thread's stay on a processor.</summary>
    internal readonly struct Stay : IDisposable
    {
        private readonly bool _holds;
        private readonly int _seat;

        internal Stay(int seat) => (_holds, _seat) = (true, seat);

        /// <summary>Ends it: the thread may be on any of the process's processors again.</summary>
        public void Dispose()
        {
            if (!_holds)
                return;
            Set(All);
            Seats.Leave(_seat);
        }
    }
}
