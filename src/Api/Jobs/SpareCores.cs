using System.Runtime.InteropServices;

namespace Serve.Api.Jobs;

/// <summary>
/// Where work that nobody waits for computes, as the numbers of an evaluation: on all cores but one, where there are more, and one piece after another. On Linux its first
/// thread, the only one where there are two cores, runs behind whoever else wants the core; so that those who do wait, for detections, find both.
/// </summary>
internal sealed partial class SpareCores : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly SemaphoreSlim _places = new(Threads);

    /// <summary>Threads of a piece of work.</summary>
    public static int Threads { get; } = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Computes, when it is its turn.</summary>
    public async Task<T> ComputeAsync<T>(Func<int, T> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            // A thread of its own, that ends with the work: a thread of the pool would keep its niceness.
            return await Task.Factory.StartNew(
                () =>
                {
                    StepBack();
                    return work(Threads);
                },
                ct, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Does work that somebody waits for, as checking what was sent, with as much of it at once as there are threads: the rest waits.</summary>
    public async Task<T> ShareAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await _places.WaitAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Dispose();
        _places.Dispose();
    }

    /// <summary>Gives this thread the least weight that the kernel's scheduler has. Priorities of .NET's threads do nothing on Linux.</summary>
    private static void StepBack()
    {
        const int thread = 0, self = 0, lowest = 19;
        if (OperatingSystem.IsLinux())
            _ = SetPriority(thread, self, lowest);
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);
}
