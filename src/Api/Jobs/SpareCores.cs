namespace Serve.Api.Jobs;

/// <summary>
/// Where work that nobody waits for computes, as the numbers of an evaluation: on all cores but one, where there are more, and one piece after another, so that those
/// who do wait, for detections, find a core.
/// </summary>
internal sealed class SpareCores : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Threads of a piece of work.</summary>
    public static int Threads { get; } = Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>Computes, when it is its turn.</summary>
    public async Task<T> ComputeAsync<T>(Func<int, T> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await Task.Run(() => work(Threads), ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
