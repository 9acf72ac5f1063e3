namespace Serve.Api.Detection;

/// <summary>
/// Lets as many pictures be decoded at once as there are cores, in the order of their arrival. More at once would all take longer, and the last of
/// many would wait for all of them: the tail of the answer times would grow, and so would the decoded pixels in memory.
/// </summary>
internal sealed class DecodeGate : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);

    /// <summary>Waits for a turn; <see cref="Leave"/> ends it.</summary>
    public Task EnterAsync(CancellationToken ct) => _free.WaitAsync(ct);

    /// <summary>Ends a turn.</summary>
    public void Leave() => _free.Release();

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();
}
