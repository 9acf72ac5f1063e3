namespace Serve.Api.Jobs;

/// <summary>Lets jobs of this process work side by side, and one that takes the time alone.</summary>
internal sealed class JobGate : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _entrance = new(1);
    private int _inside;

    /// <summary>Lets one that works in, once none takes the time.</summary>
    /// <param name="ct">Cancels the waiting.</param>
    /// <returns>Its leaving.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken ct)
    {
        await _entrance.WaitAsync(ct);
        Interlocked.Increment(ref _inside);
        _entrance.Release();
        return new Leaving(() => Interlocked.Decrement(ref _inside));
    }

    /// <summary>Lets one that takes the time in, once those that work have left; nobody else comes in before it leaves.</summary>
    /// <param name="ct">Cancels the waiting.</param>
    /// <returns>Its leaving.</returns>
    public async Task<IDisposable> EnterAloneAsync(CancellationToken ct)
    {
        await _entrance.WaitAsync(ct);
        try
        {
            while (Volatile.Read(ref _inside) > 0)
                await Task.Delay(Poll, ct);
        }
        catch
        {
            _entrance.Release();
            throw;
        }
        return new Leaving(() => _entrance.Release());
    }

    /// <inheritdoc/>
    public void Dispose() => _entrance.Dispose();

    private sealed class Leaving(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
