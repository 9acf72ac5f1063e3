using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

/// <summary>A batcher whose runs stop at a gate, for each test of a class.</summary>
public abstract class GatedBatcher : IAsyncDisposable
{
    private Batcher? _batcher;

    private protected GatedRuns Gate { get; } = new();
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        Gate.Open();
        if (_batcher is not null)
            await _batcher.DisposeAsync();
        Gate.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static Task<GatedRun> Ask(Batcher batcher, int level = 2, bool background = false, int group = 0)
        => batcher.RunAsync(new GatedRequest { Level = level, Background = background, Group = group }, Ct);

    /// <summary>Asks, and returns when a runner stands at the gate with the request in its hands.</summary>
    private protected async Task<Task<GatedRun>> AskAndAwaitRun(Batcher batcher)
    {
        var run = Ask(batcher);
        Assert.True(await Gate.Reached(Ct));
        return run;
    }

    private protected Batcher Start(int most = 8, int queue = 256, int runners = 1, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var times = new BatchTimes(most, double.NegativeInfinity, TimeSpan.Zero);
        return _batcher = new Batcher(new RequestLimits(queue, runners, TimeSpan.FromSeconds(1)), times, Gate.Run, "test runner", time, new RunCount());
    }
}
