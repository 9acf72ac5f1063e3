using System.Diagnostics;

namespace Serve.Inference.Detection;

/// <summary>
/// The requests that wait for one model: interactive ones by level and arrival, background ones by arrival. Admits a few of them to be prepared, and hands the
/// prepared ones to the runners' threads.
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
    private readonly AdmissionLane _unqueued = new(times, limits.Runners);
    private readonly SortedSet<InferenceRequest> _interactive = new(ByTurn);
    private readonly SortedSet<InferenceRequest> _background = new(ByTurn);
    private long _arrivals;
    private long _lastBackground = time.GetTimestamp();
    private int _running;
    private bool _closed;

    /// <summary>Interactive requests that wait, prepared or not.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _interactive.Count + _unqueued.Waiting;
        }
    }

    /// <summary>A request comes and asks to be prepared.</summary>
    /// <returns>True when it may be at once; else <see cref="Admission.Admitted"/> tells.</returns>
    /// <exception cref="QueueFullException">The limit wait already.</exception>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public bool Enter(Admission admission)
    {
        lock (_gate)
        {
            RefuseMore(background: false);
            (admission.Added, admission.Arrival) = (time.GetTimestamp(), _arrivals++);
            return _unqueued.Enter(admission);
        }
    }

    /// <summary>A request that is not queued yet goes.</summary>
    public void Leave(Admission admission)
    {
        lock (_gate)
            _unqueued.Leave(admission);
    }

    /// <summary>Adds a request.</summary>
    /// <exception cref="QueueFullException">The interactive lane holds the limit already. Background requests are as many as their makers allow
    /// themselves: an evaluation waits for its turn instead of failing.</exception>
    /// <exception cref="ObjectDisposedException">The model is closed.</exception>
    public void Add(InferenceRequest request)
    {
        lock (_gate)
        {
            if (request.Admission is { State: AdmissionState.Preparing } admission)
            {
                ObjectDisposedException.ThrowIf(_closed, typeof(Models.DetectionModel));
                (request.Added, request.Arrival) = (admission.Added, admission.Arrival);
                _unqueued.Queue(admission);
            }
            else
            {
                RefuseMore(request.Background);
                (request.Added, request.Arrival) = (time.GetTimestamp(), _arrivals++);
            }

            (request.Background ? _background : _interactive).Add(request);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Takes a request out that has not been taken yet.</summary>
    /// <returns>False when a runner has it, or had it.</returns>
    public bool Remove(InferenceRequest request)
    {
        lock (_gate)
            return Remove(request.Background ? _background : _interactive, request);
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
                    AwaitComing();
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
            alone = runs == 1 && _interactive.Count == 0 && !_unqueued.IsComing && !batch[0].Background;
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
            Remove(_background, background);
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
            Remove(_interactive, request);
        return true;
    }

    private void RefuseMore(bool background)
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(Models.DetectionModel));
        if (!background && _interactive.Count + _unqueued.Waiting >= limits.Queue)
            throw new QueueFullException(limits.Queue);
    }

    /// <summary>Takes a request out of its lane, and lets another be prepared in its place.</summary>
    private bool Remove(SortedSet<InferenceRequest> lane, InferenceRequest request)
    {
        if (!lane.Remove(request))
            return false;
        if (request.Admission is { State: AdmissionState.Queued } admission)
            _unqueued.Unqueue(admission);
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
            Remove(lane, request);
            request.Free();
            request.Fail(new RequestTimeoutException(request.Timeout!.Value));
        }
    }

    /// <summary>Waits with the lock released: timers are too coarse for less than a millisecond, so the thread gives way and looks again.</summary>
    private void AwaitComing()
    {
        var begun = Stopwatch.GetTimestamp();
        while (_interactive.Count > 0 && _interactive.Count < times.Most && _unqueued.IsComing
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
