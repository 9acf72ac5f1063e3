namespace Serve.Inference.Detection;

/// <summary>Runs a model's requests in batches on dedicated threads.</summary>
internal sealed class Batcher : IAsyncDisposable
{
    // Timers take no more than 49 days; who waits longer is refused when the queue is next looked at.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly RequestQueue _queue;
    private readonly RunBatch _run;
    private readonly TimeProvider _time;
    private readonly Task[] _runners;

    /// <param name="limits">Limits of the queue, and how many threads.</param>
    /// <param name="times">What batches are worth.</param>
    /// <param name="run">Runs a batch and answers its requests.</param>
    /// <param name="name">Name of the threads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="allRuns">Counts runs with those of other models.</param>
    public Batcher(RequestLimits limits, BatchTimes times, RunBatch run, string name, TimeProvider time, RunCount allRuns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limits.Queue);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limits.Runners);
        (_run, _time) = (run, time);
        _queue = new RequestQueue(limits, times, time, allRuns);
        _runners = [.. Enumerable.Range(0, limits.Runners).Select(number => StartRunner($"{name} {number}"))];
    }

    /// <summary>Interactive requests that wait, prepared or not.</summary>
    public int Waiting => _queue.Waiting;

    /// <summary>Waits until a request may be prepared.</summary>
    /// <param name="level">1 first; larger later.</param>
    /// <param name="timeout">How long the request may wait in all; null for ever.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="QueueFullException">Too many wait already.</exception>
    /// <exception cref="RequestTimeoutException">It waited longer than it may.</exception>
    public async ValueTask<Admission> AdmitAsync(int level, TimeSpan? timeout, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var admission = new Admission(_queue, level);
        if (_queue.Enter(admission))
            return admission;
        try
        {
            await admission.Admitted.WaitAsync(timeout is { } limit && limit <= LongestTimer ? limit : System.Threading.Timeout.InfiniteTimeSpan, _time, ct);
            admission.Waited = _time.GetElapsedTime(admission.Added);
            return admission;
        }
        catch (TimeoutException)
        {
            admission.Dispose();
            throw new RequestTimeoutException(timeout!.Value);
        }
        catch
        {
            admission.Dispose();
            throw;
        }
    }

    /// <summary>Queues a request and waits for its answer. From here on the request frees what it holds itself, whatever happens.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ct">Cancels: a request that waits is taken out of the queue at once; a run that has begun goes on without anyone waiting.</param>
    /// <exception cref="QueueFullException">Too many wait already.</exception>
    /// <exception cref="RequestTimeoutException">It waited longer than it may.</exception>
    public async Task<T> RunAsync<T>(InferenceRequest<T> request, CancellationToken ct)
    {
        try
        {
            ct.ThrowIfCancellationRequested();
            _queue.Add(request);
        }
        catch
        {
            request.Free();
            throw;
        }

        await using var cancellation = ct.UnsafeRegister(
            static (state, token) =>
            {
                var (batcher, request) = ((Batcher, InferenceRequest))state!;
                if (batcher._queue.Remove(request))
                    request.Free();
                request.Cancel(token);
            },
            ct.CanBeCanceled ? (this, (InferenceRequest)request) : null);
        if (request.Timeout is not { } timeout || timeout > LongestTimer)
            return await request.Answer;

        var left = timeout - _time.GetElapsedTime(request.Added);
        await using var timer = _time.CreateTimer(_ => Refuse(request, timeout), null, left > TimeSpan.Zero ? left : TimeSpan.Zero, System.Threading.Timeout.InfiniteTimeSpan);
        return await request.Answer;
    }

    /// <summary>Takes no more requests, finishes those that wait, and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await Task.WhenAll(_runners);
    }

    private void Refuse(InferenceRequest request, TimeSpan timeout)
    {
        if (!_queue.Remove(request))
            return;
        request.Free();
        request.Fail(new RequestTimeoutException(timeout));
    }

    private Task StartRunner(string name)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                RunAll();
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return ended.Task;
    }

    private void RunAll()
    {
        var batch = new List<InferenceRequest>();
        var turn = new RunTurn(_queue);
        while (_queue.Take(batch, out var alone))
        {
            turn.Begin(alone);
            try
            {
                _run(batch, turn);
            }
            catch (Exception e)
            {
                // Whatever it is, the thread goes on, and those who wait hear of it.
                foreach (var request in batch)
                    request.Fail(e);
            }

            turn.End();
            foreach (var request in batch)
                request.Free();
            batch.Clear();
        }
    }
}

/// <summary>Runs a batch and answers its requests.</summary>
/// <param name="batch">Requests that run together.</param>
/// <param name="turn">The runner's turn.</param>
internal delegate void RunBatch(IReadOnlyList<InferenceRequest> batch, RunTurn turn);

/// <summary>A runner's turn at the cores.</summary>
internal sealed class RunTurn(RequestQueue queue)
{
    private bool _runs;

    /// <summary>True when the run may have all cores.</summary>
    public bool IsAlone { get; private set; }

    /// <summary>A run begins.</summary>
    public void Begin(bool alone) => (IsAlone, _runs) = (alone, true);

    /// <summary>
    /// The run has ended. To be said before its requests are answered: who hears the answer may ask again at once, and that request should find the cores free.
    /// </summary>
    public void End()
    {
        if (!_runs)
            return;
        _runs = false;
        queue.Done();
    }
}
