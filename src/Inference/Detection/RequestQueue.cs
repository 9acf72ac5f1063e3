using System.Diagnostics;

namespace Serve.Inference.Detection;

/// <summary>
/// The requests that wait for one model: interactive ones by level and arrival, background ones by arrival. Hands them to the runners' threads.
/// </summary>
/// <remarks>
/// A lock and two sorted sets instead of channels: the readers are dedicated threads that block, what they take depends on both lanes and on the other
/// runners, and a client that goes takes its request out at once.
/// </remarks>
internal sealed class RequestQueue(RequestLimits limits, BatchTimes times, TimeProvider time, RunCount allRuns)
{
    private static readonly IComparer<InferenceRequest> ByTurn = Comparer<InferenceRequest>.Create(
        (a, b) => a.Level != b.Level ? a.Level.CompareTo(b.Level) : a.Arrival.CompareTo(b.Arrival));

    private readonly object _gate = new();
    private readonly SortedSet<InferenceRequest> _interactive = new(ByTurn);
    private readonly SortedSet<InferenceRequest> _background = new(ByTurn);
    private long _arrivals;
    private long _lastBackground = time.GetTimestamp();
    private int _announced;
    private int _running;
    private bool _closed;

    /// <summary>Interactive requests that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _interactive.Count;
        }
    }

    /// <summary>Says that a request is being prepared and will be added soon, or is no longer.</summary>
    public void Announce(int change) => Interlocked.Add(ref _announced, change);

    /// <summary>Adds a request.</summary>
    /// <exception cref="QueueFullException">The interactive lane holds the limit already. Background requests are as many as their makers allow
    /// themselves: an evaluation waits for its turn instead of failing.</exception>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Add(InferenceRequest request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(Models.DetectionModel));
            if (!request.Background && _interactive.Count >= limits.Queue)
                throw new QueueFullException(limits.Queue);
            request.Added = time.GetTimestamp();
            request.Arrival = _arrivals++;
            (request.Background ? _background : _interactive).Add(request);
            // Before a runner can look: it would take the request's own announcement for that of another.
            request.Announced?.Dispose();
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Takes a request out that has not been taken yet.</summary>
    /// <returns>False when a runner has it, or had it.</returns>
    public bool Remove(InferenceRequest request)
    {
        lock (_gate)
            return (request.Background ? _background : _interactive).Remove(request);
    }

    /// <summary>
    /// Takes what has arrived: the first in turn and those that may run with it, as many as the measured times favour and no more than this runner's share.
    /// Blocks while there is none. A background request is always run alone, so that the numbers of an evaluation cannot depend on what else was there.
    /// </summary>
    /// <param name="batch">Where to put them.</param>
    /// <param name="alone">True when nothing else runs, waits or is being prepared: the run may have all cores.</param>
    /// <returns>False when the queue is closed and empty. After true, <see cref="Done"/> has to follow.</returns>
    public bool Take(List<InferenceRequest> batch, out bool alone)
    {
        lock (_gate)
        {
            var busy = _interactive.Count > 0;
            while (true)
            {
                if (busy)
                    AwaitAnnounced();
                if (TakeNext(batch))
                    break;
                if (_closed)
                {
                    alone = false;
                    return false;
                }

                Monitor.Wait(_gate);
                busy = false;
            }

            _running++;
            var runs = allRuns.Begin();
            alone = runs == 1 && _interactive.Count == 0 && Volatile.Read(ref _announced) == 0 && !batch[0].Background;
            return true;
        }
    }

    /// <summary>A run has ended.</summary>
    public void Done()
    {
        allRuns.End();
        lock (_gate)
            _running--;
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

    private bool TakeNext(List<InferenceRequest> batch)
    {
        RefuseExpired(_interactive);
        RefuseExpired(_background);
        if (_background.Count > 0 && (_interactive.Count == 0 || Starves(_background.Min!)))
        {
            var background = _background.Min!;
            _background.Remove(background);
            _lastBackground = time.GetTimestamp();
            batch.Add(background);
            return true;
        }

        if (_interactive.Min is not { } first)
            return false;

        var idle = Math.Max(1, limits.Runners - _running);
        var share = (_interactive.Count + idle - 1) / idle;
        var most = times.Fit(share);
        var size = 0;
        foreach (var request in _interactive)
        {
            if (batch.Count > 0 && (size + request.Size > most || !request.RunsWith(first)))
                continue;
            batch.Add(request);
            size += request.Size;
            if (size >= most)
                break;
        }

        foreach (var request in batch)
            _interactive.Remove(request);
        return true;
    }

    private bool Starves(InferenceRequest oldest) => time.GetElapsedTime(Math.Max(oldest.Added, _lastBackground)) >= limits.BackgroundPatience;

    /// <summary>Timers tell those that wait while nothing is taken; here none is taken whose time is over.</summary>
    private void RefuseExpired(SortedSet<InferenceRequest> lane)
    {
        List<InferenceRequest>? expired = null;
        foreach (var request in lane)
        {
            if (request.Timeout is { } timeout && time.GetElapsedTime(request.Added) >= timeout)
                (expired ??= []).Add(request);
        }

        foreach (var request in expired ?? [])
        {
            lane.Remove(request);
            request.Free();
            request.Fail(new RequestTimeoutException(request.Timeout!.Value));
        }
    }

    /// <summary>Waits with the lock released: timers are too coarse for less than a millisecond, so the thread gives way and looks again.</summary>
    private void AwaitAnnounced()
    {
        var begun = Stopwatch.GetTimestamp();
        while (_interactive.Count > 0 && _interactive.Count < times.Most && Volatile.Read(ref _announced) > 0
            && Stopwatch.GetElapsedTime(begun) < times.Patience(_interactive.Count))
        {
            Monitor.Exit(_gate);
            Thread.Yield();
            Monitor.Enter(_gate);
        }
    }
}

/// <summary>Limits of a model's queue.</summary>
/// <param name="Queue">Most interactive requests that wait.</param>
/// <param name="Runners">Threads that take from it.</param>
/// <param name="BackgroundPatience">After so long without a background run, one that waits is taken first.</param>
internal sealed record RequestLimits(int Queue, int Runners, TimeSpan BackgroundPatience);

/// <summary>Runs that go on now, of several models.</summary>
internal sealed class RunCount
{
    private int _count;

    /// <summary>Those of the whole process.</summary>
    public static RunCount Process { get; } = new();

    /// <summary>One more.</summary>
    /// <returns>How many there are with it.</returns>
    public int Begin() => Interlocked.Increment(ref _count);

    /// <summary>One less.</summary>
    public void End() => Interlocked.Decrement(ref _count);
}
