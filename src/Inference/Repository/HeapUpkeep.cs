namespace Serve.Inference.Repository;

/// <summary>
/// Gives free pages back while models run: decoders and runs take and free blocks of many sizes side by side, and between those in use some megabytes come to lie that
/// are free and stay resident. Thread-safe.
/// </summary>
/// <param name="period">Time from one return to the next, at least.</param>
/// <param name="time">The clock.</param>
/// <param name="giveBack">Gives them back.</param>
internal sealed class HeapUpkeep(TimeSpan period, TimeProvider time, Action giveBack)
{
    private long _last = time.GetTimestamp();

    /// <summary>That of the process. The thread that asks does it.</summary>
    public static HeapUpkeep Process { get; } = new(TimeSpan.FromSeconds(5), TimeProvider.System, MemoryReturn.TrimHeap);

    /// <summary>A run has ended, and its requests are answered.</summary>
    public void AfterRun()
    {
        var last = Volatile.Read(ref _last);
        if (time.GetElapsedTime(last) >= period && Interlocked.CompareExchange(ref _last, time.GetTimestamp(), last) == last)
            giveBack();
    }
}
