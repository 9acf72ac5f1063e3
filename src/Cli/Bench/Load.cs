using System.Diagnostics;
using System.Threading.Channels;

namespace Serve.Cli.Bench;

/// <summary>Sends requests to a server: in a closed loop, where each client waits for its answer, or in an open one, where they arrive when they arrive.</summary>
/// <param name="server">Where to.</param>
/// <param name="requests">What.</param>
internal sealed class Load(Uri server, PictureRequests requests)
{
    /// <summary>Most requests of an open loop under way at the same time; further ones wait, and their wait counts.</summary>
    public const int MostConnections = 256;

    /// <summary>A closed loop: every client sends its next request when it has the answer to its last.</summary>
    /// <param name="clients">Clients, a connection each.</param>
    /// <param name="duration">How long.</param>
    /// <param name="count">At most so many requests.</param>
    /// <param name="recorder">Gets the answers.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task ClosedAsync(int clients, TimeSpan duration, int count, LoadRecorder recorder, CancellationToken ct)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var left = count;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(ClientAsync, CancellationToken.None)));

        async Task ClientAsync()
        {
            using var connection = new HttpConnection(server);
            while (!ct.IsCancellationRequested && Stopwatch.GetTimestamp() < end && Interlocked.Decrement(ref left) >= 0)
                await SendAsync(connection, Stopwatch.GetTimestamp(), recorder, ct);
        }
    }

    /// <summary>
    /// An open loop: requests arrive when they are due, whatever the server does. Latency counts from the planned arrival, so that a server which stalls is charged for all who
    /// would have come meanwhile.
    /// </summary>
    /// <param name="due">When requests are due, from the start of the load.</param>
    /// <param name="recorder">Gets the answers.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task OpenAsync(IEnumerable<TimeSpan> due, LoadRecorder recorder, CancellationToken ct)
    {
        var arrivals = Channel.CreateUnbounded<long>(new UnboundedChannelOptions { SingleWriter = true });
        var dispatcher = new Thread(() => Dispatch(due, arrivals.Writer, ct)) { IsBackground = true, Name = "bench arrivals" };
        dispatcher.Start();
        await Task.WhenAll(Enumerable.Range(0, MostConnections).Select(_ => Task.Run(WorkerAsync, CancellationToken.None)));

        async Task WorkerAsync()
        {
            using var connection = new HttpConnection(server);
            await foreach (var planned in arrivals.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (ct.IsCancellationRequested)
                    continue;
                recorder.Sent(planned);
                await SendAsync(connection, planned, recorder, ct);
            }
        }
    }

    private static void Dispatch(IEnumerable<TimeSpan> due, ChannelWriter<long> arrivals, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var time in due)
        {
            var planned = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < planned && !ct.IsCancellationRequested)
                PreciseSleep.Until(planned);
            if (ct.IsCancellationRequested)
                break;
            arrivals.TryWrite(planned);
        }

        arrivals.Complete();
    }

    private async Task SendAsync(HttpConnection connection, long start, LoadRecorder recorder, CancellationToken ct)
    {
        try
        {
            var status = await connection.SendAsync(requests.Next(), ct);
            recorder.Answered(start, status, connection.Body.Span);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Interrupted: this request counts neither way.
        }
        catch (IOException fault)
        {
            recorder.Broke(fault.Message);
            // A server that is gone must not be asked in a tight loop.
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
