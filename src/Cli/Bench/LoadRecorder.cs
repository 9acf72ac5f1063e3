using System.Diagnostics;
using System.Text;

namespace Serve.Cli.Bench;

/// <summary>Collects what happens to the requests of one run, from many connections at once.</summary>
/// <param name="picturesPerRequest">Pictures in each request.</param>
internal sealed class LoadRecorder(int picturesPerRequest)
{
    private const int LongestFault = 400;

    private readonly Lock _gate = new();
    private readonly List<double> _milliseconds = [];
    private readonly SortedDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private StageMeans _stages;
    private int _staged;
    private double _lateness;
    private int _scheduled;
    private string? _firstFault;

    /// <summary>Requests that ended, well or not.</summary>
    public int Count { get; private set; }

    /// <summary>The first failed answer, for the message when all fail.</summary>
    public string? FirstFault => _firstFault;

    /// <summary>Records a request that was answered.</summary>
    /// <param name="start">When it was sent, or was to be sent (<see cref="Stopwatch.GetTimestamp"/>).</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="body">Body of the answer.</param>
    public void Answered(long start, int status, ReadOnlySpan<byte> body)
    {
        var milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var stages = status == 200 ? StageMeans.Read(body) : null;
        lock (_gate)
        {
            Count++;
            if (status != 200)
            {
                Fail($"HTTP {status}", Encoding.UTF8.GetString(body[..Math.Min(LongestFault, body.Length)]));
                return;
            }

            _milliseconds.Add(milliseconds);
            if (stages is { } read)
            {
                _stages += read;
                _staged++;
            }
        }
    }

    /// <summary>Records a request whose connection failed.</summary>
    public void Broke(string message)
    {
        lock (_gate)
        {
            Count++;
            Fail("connection", message);
        }
    }

    /// <summary>Records how much later than planned a request was sent.</summary>
    public void Sent(long planned)
    {
        var late = Stopwatch.GetElapsedTime(planned).TotalMilliseconds;
        lock (_gate)
        {
            _lateness += late;
            _scheduled++;
        }
    }

    /// <summary>The figures of the run.</summary>
    /// <param name="load">Which load it was.</param>
    /// <param name="elapsed">How long it ran.</param>
    /// <param name="use">What the processes used meanwhile.</param>
    public LoadResult Result(string load, TimeSpan elapsed, ProcessUse use)
    {
        lock (_gate)
        {
            var images = _milliseconds.Count * picturesPerRequest;
            return new LoadResult(
                load, elapsed.TotalSeconds, _milliseconds.Count, images / elapsed.TotalSeconds, Latencies.Of(_milliseconds), new SortedDictionary<string, int>(_errors),
                _staged == 0 ? null : _stages / _staged, _scheduled == 0 ? null : _lateness / _scheduled,
                use with { AllocatedBytesPerImage = images == 0 ? null : use.AllocatedBytesPerImage / images });
        }
    }

    private void Fail(string kind, string fault)
    {
        _errors[kind] = _errors.GetValueOrDefault(kind) + 1;
        _firstFault ??= $"{kind}: {fault}";
    }
}
