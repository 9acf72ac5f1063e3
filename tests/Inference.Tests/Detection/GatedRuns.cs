using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

/// <summary>Runs that stop at a gate until it is open.</summary>
internal sealed class GatedRuns : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();
    private readonly SemaphoreSlim _reached = new(0);
    private int _order = -1;

    public Task<bool> Reached(CancellationToken ct) => _reached.WaitAsync(TimeSpan.FromSeconds(10), ct);

    public void Open() => _gate.Set();

    public void Run(IReadOnlyList<InferenceRequest> batch, RunTurn turn)
    {
        _reached.Release();
        _gate.Wait(TimeSpan.FromSeconds(20));
        var order = Interlocked.Increment(ref _order);
        turn.End();
        foreach (var request in batch.Cast<GatedRequest>())
        {
            if (request.Throws is { } exception)
                throw exception;
            request.TryComplete(new GatedRun(batch.Count, turn.IsAlone, order));
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        _reached.Dispose();
    }
}

/// <summary>What a run told one of its requests.</summary>
/// <param name="Size">Requests in it.</param>
/// <param name="IsAlone">Whether it had all cores.</param>
/// <param name="Order">How many runs ended before it.</param>
internal sealed record GatedRun(int Size, bool IsAlone, int Order);

/// <summary>A request that runs with those of its group.</summary>
internal sealed class GatedRequest : InferenceRequest<GatedRun>
{
    private int _frees;

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public GatedRequest() => Level = 2;

    public int Group { get; init; }

    public Exception? Throws { get; init; }

    public int Frees => _frees;

    public override int Size => 1;

    public override bool RunsWith(InferenceRequest other) => ((GatedRequest)other).Group == Group;

    public override void Free() => Interlocked.Increment(ref _frees);
}
