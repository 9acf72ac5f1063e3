using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Detection;

/// <summary>Runs a model's requests in batches on dedicated threads.</summary>
internal sealed class Batcher : IAsyncDisposable
{
    // Input tensors of a batch take no more than this.
    private const long LargestBatchBytes = 64L << 20;

    private readonly ModelSession _session;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly DetectionQueue _queue;
    private readonly InputPool _inputs;
    private readonly int _height;
    private readonly int _width;
    private readonly Task[] _runners;

    public Batcher(ModelSession session, DetectionModelOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxBatch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.QueueLimit);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Runners);
        (_session, _time, _patience) = (session, options.Time, options.BatchWait);
        (_width, _height) = (session.Passport.Input.Width, session.Passport.Input.Height);
        var fitting = (int)Math.Max(1, LargestBatchBytes / (3L * sizeof(float) * _width * _height));
        MaxBatch = session.HasDynamicBatch ? Math.Min(options.MaxBatch, fitting) : 1;
        _queue = new DetectionQueue(options.QueueLimit);
        _inputs = new InputPool(_height, _width, keep: 2 * MaxBatch);
        _runners = [.. Enumerable.Range(0, options.Runners).Select(_ => StartRunner())];
    }

    /// <summary>Most pictures in one run.</summary>
    public int MaxBatch { get; }

    /// <summary>Prepares a picture's input on the caller's thread and waits for its run.</summary>
    /// <param name="prepare">Fills the input tensor.</param>
    /// <param name="background">Gives way to other requests, and is run alone.</param>
    /// <param name="ct">Cancels; a run that has begun goes on without anyone waiting.</param>
    public Task<RunResult> RunAsync(PrepareInput prepare, bool background, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var input = _inputs.Rent();
        var change = background ? 0 : 1;
        DetectionRequest request;
        _queue.Announce(change);
        try
        {
            prepare(input.Data);
            request = new DetectionRequest(input, background);
            _queue.Add(request);
        }
        catch
        {
            _inputs.Return(input);
            throw;
        }
        finally
        {
            _queue.Announce(-change);
        }

        return request.WaitAsync(ct);
    }

    /// <summary>Takes no more requests, finishes those that wait, and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await Task.WhenAll(_runners);
        _inputs.Dispose();
    }

    private Task StartRunner()
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
            Name = $"runner of {_session.Passport.Name}",
        };
        thread.Start();
        return ended.Task;
    }

    private void RunAll()
    {
        using var buffers = new BatchBuffers(MaxBatch, _height, _width);
        var batch = new List<DetectionRequest>(MaxBatch);
        while (_queue.Take(batch, MaxBatch, _patience))
        {
            var wanted = batch.Where(request => !request.IsOver).ToArray();
            if (wanted.Length > 0)
                RunBatch(wanted, buffers);
            foreach (var request in batch)
                _inputs.Return(request.Input);
            batch.Clear();
        }
    }

    private void RunBatch(ReadOnlySpan<DetectionRequest> requests, BatchBuffers buffers)
    {
        try
        {
            var started = _time.GetTimestamp();
            using var outputs = _session.Run(buffers.Input(requests));
            var finished = _time.GetTimestamp();
            for (var i = 0; i < requests.Length; i++)
                Answer(requests[i], outputs, i, started, finished, requests.Length);
        }
        catch (Exception) when (requests.Length > 1)
        {
            // One picture may be the cause; the others must not suffer.
            foreach (var request in requests)
                RunBatch([request], buffers);
        }
        catch (Exception e)
        {
            requests[0].Fail(e);
        }
    }

    private void Answer(DetectionRequest request, IReadOnlyList<OrtValue> outputs, int index, long started, long finished, int batchSize)
    {
        try
        {
            request.Complete(new RunResult(_session.Decode(outputs, index), started, finished, batchSize));
        }
        catch (ModelOutputException e)
        {
            request.Fail(e);
        }
    }
}

/// <summary>Fills the input of one picture.</summary>
/// <param name="input">[3, Height, Width]</param>
internal delegate void PrepareInput(Span<float> input);
