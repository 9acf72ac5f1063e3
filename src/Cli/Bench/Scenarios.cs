using Serve.EvalCli;

namespace Serve.Cli.Bench;

/// <summary>Loads in the manner of the four scenarios of MLPerf Inference (Reddi et al., "MLPerf Inference Benchmark", 2020, section III), over HTTP.</summary>
/// <remarks>In its manner only: times, counts and the data set are yours, no result of this command is one of MLPerf's.</remarks>
internal static class Scenarios
{
    /// <summary>Pictures of a query of the scenario multi-stream.</summary>
    public const int StreamPictures = 8;

    /// <summary>Requests in flight in the scenario offline.</summary>
    public const int OfflineClients = 64;

    private const int Trials = 8;

    /// <summary>What a scenario found.</summary>
    /// <param name="Runs">Its runs, in order.</param>
    /// <param name="Figure">Its figure, in words.</param>
    internal sealed record Outcome(IReadOnlyList<LoadResult> Runs, string? Figure);

    /// <summary>A scenario by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="latencyBound">Milliseconds that the 99th percentile must keep within, in the scenario server.</param>
    public static Func<BenchRun, CancellationToken, Task<Outcome>> Find(string name, double latencyBound)
        => Choice.Of<Func<BenchRun, CancellationToken, Task<Outcome>>>("--scenario", name, new()
        {
            ["single-stream"] = SingleStreamAsync,
            ["multi-stream"] = MultiStreamAsync,
            ["offline"] = OfflineAsync,
            ["server"] = (run, ct) => ServerAsync(run, latencyBound, ct),
        });

    private static async Task<Outcome> SingleStreamAsync(BenchRun run, CancellationToken ct)
    {
        var result = await run.ClosedAsync(1, ct);
        return new([result], $"single-stream: 90th percentile of the latency {result.Latency?.P90:0.00} ms");
    }

    private static async Task<Outcome> MultiStreamAsync(BenchRun run, CancellationToken ct)
    {
        var result = await run.SeveralAsync(StreamPictures, ct);
        return new([result], $"multi-stream: 99th percentile of the latency of {StreamPictures} pictures {result.Latency?.P99:0.00} ms");
    }

    private static async Task<Outcome> OfflineAsync(BenchRun run, CancellationToken ct)
    {
        var result = await run.ClosedAsync(OfflineClients, ct);
        return new([result], $"offline: {result.ImagesPerSecond:0.0} images/s");
    }

    // The highest rate whose 99th percentile stays within the bound: a search by halves below what a closed loop reaches.
    private static async Task<Outcome> ServerAsync(BenchRun run, double bound, CancellationToken ct)
    {
        var closed = await run.ClosedAsync(OfflineClients, ct);
        var runs = new List<LoadResult> { closed };
        var (held, broken) = (0.0, 1.1 * closed.ImagesPerSecond);
        for (var trial = 0; trial < Trials && !ct.IsCancellationRequested; trial++)
        {
            var rate = (held + broken) / 2;
            var result = await run.OpenAsync(rate, ct);
            runs.Add(result);
            if (result.Latency?.P99 <= bound && result.Errors.Count == 0)
                held = rate;
            else
                broken = rate;
        }

        return new(runs, held == 0
            ? $"server: no rate down to {broken:0.0} requests/s kept the 99th percentile of the latency within {bound:0.#} ms"
            : $"server: {held:0.0} requests/s keep the 99th percentile of the latency within {bound:0.#} ms");
    }
}
