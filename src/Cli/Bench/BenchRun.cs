using System.Diagnostics;
using System.Text;
using Serve.Eval;

namespace Serve.Cli.Bench;

/// <summary>Runs loads against one server, each with a warm-up whose requests do not count.</summary>
/// <param name="target">Where pictures are posted, with the query.</param>
/// <param name="key">Key of the server; null where it needs none.</param>
/// <param name="files">The pictures.</param>
/// <param name="pid">The server's process, where it is known.</param>
/// <param name="limits">How long, and how many.</param>
/// <param name="metrics">The server's metrics.</param>
/// <param name="error">Gets a line a run.</param>
internal sealed class BenchRun(Uri target, string? key, IReadOnlyList<string> files, int? pid, BenchLimits limits, MetricsPage metrics, TextWriter error)
{
    private readonly PictureRequests _single = PictureRequests.Single(target, files, key);

    /// <summary>Encoded bytes of all pictures.</summary>
    public long PictureBytes => _single.Bytes;

    /// <summary>Sends one request, which loads the model where it is not, so that a server that refuses is told at once.</summary>
    /// <exception cref="InvalidInputException">The answer is not 200; the message holds it.</exception>
    public async Task FirstAsync(CancellationToken ct)
    {
        using var connection = new HttpConnection(target);
        int status;
        try
        {
            status = await connection.SendAsync(_single.Next(), ct);
        }
        catch (IOException fault)
        {
            throw new InvalidInputException($"bench: {target.GetLeftPart(UriPartial.Authority)} does not answer: {fault.Message}", fault);
        }

        if (status != 200)
            throw new InvalidInputException($"bench: {target} answered {status}: {Encoding.UTF8.GetString(connection.Body.Span[..Math.Min(600, connection.Body.Length)])}");
    }

    /// <summary>A closed loop of so many clients.</summary>
    public Task<LoadResult> ClosedAsync(int clients, CancellationToken ct) => RunAsync(
        clients == 1 ? "1 client" : $"{clients} clients", _single,
        (load, duration, count, recorder) => load.ClosedAsync(clients, duration, count, recorder, ct), ct);

    /// <summary>A closed loop of one client whose requests hold several pictures.</summary>
    public Task<LoadResult> SeveralAsync(int pictures, CancellationToken ct) => RunAsync(
        $"1 client, {pictures} pictures a request", PictureRequests.Several(target, files, pictures, key),
        (load, duration, count, recorder) => load.ClosedAsync(1, duration, count, recorder, ct), ct);

    /// <summary>An open loop at a mean rate, requests a second.</summary>
    public Task<LoadResult> OpenAsync(double rate, CancellationToken ct) => RunAsync(
        $"{rate:0.#} requests/s{(limits.Arrivals == ArrivalKind.Even ? " at even distances" : "")}", _single,
        (load, duration, count, recorder) => load.OpenAsync(Arrivals.Of(limits.Arrivals, rate, duration, count, limits.Seed), recorder, ct), ct);

    private async Task<LoadResult> RunAsync(
        string name, PictureRequests requests, Func<Load, TimeSpan, int, LoadRecorder, Task> run, CancellationToken ct)
    {
        await error.WriteLineAsync($"{name}: warming up for {limits.WarmUp.TotalSeconds:0.#} s, then {limits.Duration.TotalSeconds:0.#} s");
        var load = new Load(target, requests);
        await run(load, limits.WarmUp, int.MaxValue, new LoadRecorder(requests.PicturesPerRequest));
        ct.ThrowIfCancellationRequested();
        var recorder = new LoadRecorder(requests.PicturesPerRequest);
        await using var use = await ProcessWatch.StartAsync(pid, metrics, ct);
        var watch = Stopwatch.StartNew();
        await run(load, limits.Duration, limits.Requests, recorder);
        var result = recorder.Result(ct.IsCancellationRequested ? $"{name} (interrupted)" : name, watch.Elapsed, await use.StopAsync());
        if (result.Requests == 0 && !ct.IsCancellationRequested)
            throw new InvalidInputException($"bench: no request of {name} was answered 200. The first: {recorder.FirstFault}");
        return result;
    }
}

/// <summary>How long a run is.</summary>
/// <param name="WarmUp">Time before it whose requests do not count.</param>
/// <param name="Duration">Its time.</param>
/// <param name="Requests">At most so many requests.</param>
/// <param name="Arrivals">How requests of an open loop are spread.</param>
/// <param name="Seed">Seed of random arrivals.</param>
internal sealed record BenchLimits(TimeSpan WarmUp, TimeSpan Duration, int Requests, ArrivalKind Arrivals, long Seed);
