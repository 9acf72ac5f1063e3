using Serve.Inference.Models;

namespace Serve.Inference.Repository;

/// <summary>A version in memory, counted: it is closed when the repository and the last lease have let it go.</summary>
internal sealed class LoadedVersion(DetectionModel model, long memoryBytes, FoundVersion files)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _holders = 1;
    private int _leaving;

    public DetectionModel Model { get; } = model;

    public long MemoryBytes { get; } = memoryBytes;

    /// <summary>The files it was opened from, at the place where they are now.</summary>
    public FoundVersion Files { get; set; } = files;

    /// <summary>Ends when the session is closed and its memory returned.</summary>
    public Task Closed => _closed.Task;

    /// <summary>True when the repository has let it go.</summary>
    public bool IsLeaving => Volatile.Read(ref _leaving) != 0;

    /// <summary>Leases that are out.</summary>
    public int Leases => Math.Max(0, Volatile.Read(ref _holders) - (IsLeaving ? 0 : 1));

    /// <summary>A lease; the repository must still hold it.</summary>
    public ModelLease Lease()
    {
        Interlocked.Increment(ref _holders);
        return new ModelLease(this);
    }

    /// <summary>The repository lets it go; calls after the first do nothing.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _leaving, 1) == 0)
            Release();
    }

    /// <summary>One holder fewer.</summary>
    public void Release()
    {
        // Closing waits for runner threads, which is nothing for a request's thread or for a held lock.
        if (Interlocked.Decrement(ref _holders) == 0)
            _ = Task.Run(CloseAsync);
    }

    /// <summary>Closes the model under those who still hold it: for the end of the program.</summary>
    public Task ForceCloseAsync() => Interlocked.Exchange(ref _holders, int.MinValue / 2) > 0 ? CloseAsync() : Closed;

    private async Task CloseAsync()
    {
        try
        {
            await Model.DisposeAsync();
            _closed.TrySetResult();
        }
        catch (Exception e)
        {
            _closed.TrySetException(e);
        }
    }
}
