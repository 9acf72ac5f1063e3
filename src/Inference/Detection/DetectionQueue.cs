using System.Diagnostics;

namespace Serve.Inference.Detection;

/// <summary>
/// The requests that wait for one model, in two lanes: interactive ones go first, background ones are taken one at a time when no other waits.
/// </summary>
/// <remarks>
/// A lock and two queues instead of channels: the readers are dedicated threads that block, and what they take depends on both lanes at once.
/// </remarks>
internal sealed class DetectionQueue(int limit)
{
    private readonly object _gate = new();
    private readonly Queue<DetectionRequest> _interactive = new();
    private readonly Queue<DetectionRequest> _background = new();
    private int _preparing;
    private bool _closed;

    /// <summary>Says that a request is being prepared and will be added soon, or is no longer. Runners may wait for it a little.</summary>
    public void Announce(int change) => Interlocked.Add(ref _preparing, change);

    /// <summary>Adds a request.</summary>
    /// <exception cref="QueueFullException">The interactive lane holds the limit already. Background requests are as many as their makers allow
    /// themselves: an evaluation waits for its turn instead of failing.</exception>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Add(DetectionRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Models.DetectionModel));
            var lane = request.Background ? _background : _interactive;
            if (!request.Background && lane.Count >= limit)
                throw new QueueFullException(limit);
            lane.Enqueue(request);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Takes what has arrived: interactive requests up to the limit, or else one background request. Blocks while there is none. A background request
    /// is always run alone, so that the numbers of an evaluation cannot depend on what else happened to be there.
    /// </summary>
    /// <param name="batch">Where to put them.</param>
    /// <param name="most">Most requests of a batch.</param>
    /// <param name="patience">How long to wait for announced requests when others wait already, that is, when the model is busy.</param>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<DetectionRequest> batch, int most, TimeSpan patience)
    {
        lock (_gate)
        {
            var busy = _interactive.Count > 0;
            while (_interactive.Count == 0 && _background.Count == 0)
            {
                if (_closed)
                    return false;
                Monitor.Wait(_gate);
            }

            if (busy)
                AwaitAnnounced(most, patience);

            while (batch.Count < most && _interactive.TryDequeue(out var request))
                batch.Add(request);
            if (batch.Count == 0 && _background.TryDequeue(out var alone))
                batch.Add(alone);
            return true;
        }
    }

    /// <summary>Takes no more requests; those that wait are still run.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits with the lock released: timers are too coarse for less than a millisecond, so the thread gives way and looks again.</summary>
    private void AwaitAnnounced(int most, TimeSpan patience)
    {
        var begun = Stopwatch.GetTimestamp();
        while (_interactive.Count > 0 && _interactive.Count < most && Volatile.Read(ref _preparing) > 0 && Stopwatch.GetElapsedTime(begun) < patience)
        {
            Monitor.Exit(_gate);
            Thread.Yield();
            Monitor.Enter(_gate);
        }
    }
}
