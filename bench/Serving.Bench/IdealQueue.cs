using System.Globalization;

namespace Serve.Serving.Bench;

/// <summary>
/// What arrivals at random cost by themselves: a queue without any cost of its own, in order of arrival, before a server a core that takes the same time for each request (M/D/c).
/// </summary>
internal static class IdealQueue
{
    // Enough for the 99th percentile not to depend on the seed in its second digit.
    private const int Requests = 2_000_000;

    /// <summary>Writes a line: latencies as multiples of the time of a request.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="load">The share of the servers' time that is asked for, above 0 and below 1.</param>
    public static void Write(TextWriter output, double load)
    {
        var cores = Environment.ProcessorCount;
        var random = new Random(1);
        var free = new PriorityQueue<double, double>(Enumerable.Repeat((0.0, 0.0), cores));
        var latencies = new double[Requests];
        var now = 0.0;
        for (var i = 0; i < Requests; i++)
        {
            now -= Math.Log(1 - random.NextDouble()) / (load * cores);
            var end = Math.Max(now, free.Dequeue()) + 1;
            free.Enqueue(end, end);
            latencies[i] = end - now;
        }

        Array.Sort(latencies);
        var (median, late) = (latencies[Requests / 2], latencies[Requests / 100 * 99]);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A queue without cost before {cores} servers of constant time, at {load:0%} of their load: p50 {median:0.00}, p99 {late:0.00} times the time of a request; p99 is {late / median:0.0} times the median."));
    }
}
