using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Onnx;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Inference.Repository;

namespace Serve.Inference.Models;

/// <summary>A loaded detector: its sessions with their batcher. Thread-safe.</summary>
public sealed class DetectionModel : IAsyncDisposable
{
    /// <summary>Name of the graph's file in a model's folder.</summary>
    public const string GraphFileName = "model.onnx";

    private readonly ModelSession _session;
    private readonly Batcher _batcher;
    private readonly BatchTimes _times;
    private readonly DetectionModelOptions _options;
    private readonly ModelRecord _record;
    private readonly WarmUp _warmUp;
    private readonly int _runners;
    private readonly RawRuns _raw;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls = 1;     // the open model counts as one
    private int _closed;

    private DetectionModel(ModelSession session, DetectionModelOptions options, LoadedFiles files, BatchTimes times, WarmUp warmUp, IReadOnlyList<string> explanation)
    {
        (_session, _options, _times, _warmUp, ContentHash, MemoryBytes) = (session, options, times, warmUp, files.ContentHash, session.WeightBytes);
        Explanation = [.. explanation, .. warmUp.Notes];
        Statistics = new ModelStatistics(options.Time);
        _record = new ModelRecord(Statistics, new InferenceMetrics(Passport.Name, Passport.Version, session.Device.Provider));
        _runners = RunnersOf(session.Device, options);
        _raw = new RawRuns(session, warmUp.MaxBatch, _record, options.Time);
        var pictures = new PictureRuns(session, times, _record, options.Time);
        var queue = (int)Math.Clamp(options.QueueBytes / session.Input.PictureBytes(Passport.Input.Width, Passport.Input.Height), Math.Min(16, options.QueueLimit), options.QueueLimit);
        _batcher = new Batcher(
            new RequestLimits(queue, _runners, options.BackgroundPatience), times,
            (batch, turn) =>
            {
                if (batch[0] is PictureRequest)
                    pictures.Run(batch, turn);
                else
                    _raw.Run(batch, turn);
                HeapUpkeep.Process.AfterRun();
            },
            $"runner of {Passport.Name}", options.Time, RunCount.Process);
    }

    /// <summary>The model's passport.</summary>
    public Passport Passport => _session.Passport;

    /// <summary>Lower-case hexadecimal SHA-256 of the ONNX file.</summary>
    public string ContentHash { get; }

    /// <summary>The device that runs it: <c>cpu</c>, <c>cuda:0</c>, <c>tensorrt:0</c>.</summary>
    public string Device => _session.Device.Name;

    /// <summary>Why that device was chosen.</summary>
    public string DeviceReason => _session.Device.Reason;

    /// <summary>Most pictures in one run.</summary>
    public int MaxBatch => _warmUp.MaxBatch;

    /// <summary>What was recognised and decided at load, a sentence each, for people.</summary>
    public IReadOnlyList<string> Explanation { get; }

    /// <summary>The graph's own inputs.</summary>
    public IReadOnlyList<GraphTensor> Inputs => _session.Graph.Inputs;

    /// <summary>The graph's own outputs.</summary>
    public IReadOnlyList<GraphTensor> Outputs => _session.Graph.Outputs;

    /// <summary>Counters since it was loaded.</summary>
    public ModelStatistics Statistics { get; }

    /// <summary>Bytes of its weights in memory. Buffers of requests come on top and follow the load.</summary>
    public long MemoryBytes { get; }

    /// <summary>Requests that wait now, background ones not counted.</summary>
    public int Waiting => _batcher.Waiting;

    /// <summary>How it is run.</summary>
    public ExecutionReport Execution
    {
        get
        {
            var threads = _options.Threads > 0 ? _options.Threads : Environment.ProcessorCount;
            return new ExecutionReport(
                _session.Device.Provider, _session.Nodes, MaxBatch, _times.Most, _runners,
                threads, _session.SessionCount > 1 ? 1 : threads, _warmUp.MillisecondsAlone, _times.Measured);
        }
    }

    /// <summary>Loads a model from its folder or its ONNX file and warms it up.</summary>
    /// <param name="path">A folder with <c>model.onnx</c> and <c>model.json</c>, or an ONNX file whose passport is beside it or in its metadata.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:n</c>, <c>tensorrt</c> or <c>tensorrt:n</c>.</param>
    /// <param name="threads">Threads of one run; 0 for as many as the load leaves.</param>
    /// <exception cref="InvalidInputException">No such model, a corrupt one, or a device that is not there.</exception>
    public static DetectionModel Load(string path, string device = "auto", int threads = 0)
        => Load(path, new DetectionModelOptions { Device = device, Threads = threads });

    /// <summary>Loads a model from its folder or its ONNX file and warms it up.</summary>
    /// <param name="path">A folder with <c>model.onnx</c>, or an ONNX file. What is beside it and inside it tells how it is fed and read.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="name">Its name where no passport gives one; null for that of its folder or file.</param>
    /// <param name="version">Its version where no passport gives one.</param>
    /// <exception cref="InvalidInputException">No such model, a corrupt one, one that is not recognised, or a device that is not there.</exception>
    public static DetectionModel Load(string path, DetectionModelOptions options, string? name = null, int version = 1)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxBatch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.QueueLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Runners);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        Models.Device.Parse(options.Device);
        // What is checked and what is run must be the same file: .NET and the system read link/.. differently.
        path = Path.GetFullPath(path);
        var graph = Directory.Exists(path) ? Path.Combine(path, GraphFileName) : path;
        if (!File.Exists(graph))
            throw new InvalidInputException($"{graph}: there is no such model; expected a folder with {GraphFileName} and {Passport.FileName}, or an ONNX file.");

        var description = OnnxFile.Describe(graph);
        var resolved = Resolve(graph, description, name, version);
        var files = LoadedFiles.Of(graph, description);
        var session = ModelSession.Open(graph, files.Bytes, description, resolved.Passport, options);
        try
        {
            var largest = Models.WarmUp.LargestBatch(session, options);
            var times = new BatchTimes(largest, options.LeastBatchGain, options.BatchWait, onlyMeasured: session.Device.IsGpu);
            var warmUp = Models.WarmUp.Run(session, largest, times);
            times.Limit(warmUp.MaxBatch);
            Models.WarmUp.Shrink(session);
            return new DetectionModel(session, options, files, times, warmUp, resolved.Explanation);
        }
        catch (ModelOutputException e)
        {
            session.Dispose();
            throw new InvalidInputException($"{graph}: the model opens but does not run. {e.Message}", e);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a request may be prepared, for example its picture decoded: where many wait, few are prepared ahead of their run.</summary>
    /// <param name="options">The request's options.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>To be given to <see cref="DetectAsync(Picture, DetectionOptions, Admission?, CancellationToken)"/>, and disposed.</returns>
    /// <exception cref="QueueFullException">Too many requests wait already.</exception>
    /// <exception cref="RequestTimeoutException">The request waited longer than it may.</exception>
    public async ValueTask<Admission> AdmitAsync(DetectionOptions options, CancellationToken ct)
    {
        Check(options);
        var begun = _options.Time.GetTimestamp();
        try
        {
            return await _batcher.AdmitAsync(LevelOf(options.Priority), options.Timeout ?? _options.Timeout, ct);
        }
        catch (Exception e)
        {
            _record.Failed(e, _options.Time.GetElapsedTime(begun));
            throw;
        }
    }

    /// <summary>Detects objects in one picture. Calls from many threads are batched. The picture is not used any more when the call comes back with its task.</summary>
    /// <exception cref="QueueFullException">Too many requests wait already.</exception>
    /// <exception cref="RequestTimeoutException">The request waited longer than it may.</exception>
    /// <exception cref="ModelOutputException">The model failed or gave values that cannot be detections.</exception>
    public async Task<DetectionResult> DetectAsync(Picture picture, DetectionOptions options, CancellationToken ct)
    {
        Check(options);
        using var admission = options.Background ? null : await AdmitAsync(options, ct);
        return await DetectAsync(picture, options, admission, ct);
    }

    /// <summary>Detects objects in one picture that was admitted. The picture is not used any more when the call comes back with its task.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="options">The options that it was admitted with.</param>
    /// <param name="admission">Its admission; null for a background request.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="RequestTimeoutException">The request waited longer than it may.</exception>
    /// <exception cref="ModelOutputException">The model failed or gave values that cannot be detections.</exception>
    public async Task<DetectionResult> DetectAsync(Picture picture, DetectionOptions options, Admission? admission, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Check(options);
        var time = _options.Time;
        var begun = time.GetTimestamp();
        Interlocked.Increment(ref _calls);
        try
        {
            ct.ThrowIfCancellationRequested();
            var (waiting, plan, prepared) = Prepare(picture, options, admission, ct);
            var run = await waiting;
            var answered = time.GetTimestamp();
            var detections = new List<DetectedObject>();
            try
            {
                _session.Decode(run.Outputs, run.Index, plan, options, detections);
            }
            finally
            {
                run.Outputs.Release();
            }

            var ended = time.GetTimestamp();
            var waited = admission?.Waited ?? TimeSpan.Zero;
            var stages = new StageTimes(
                waited + time.GetElapsedTime(prepared, run.Started), time.GetElapsedTime(begun, prepared), time.GetElapsedTime(run.Started, run.Finished),
                time.GetElapsedTime(answered, ended), waited + time.GetElapsedTime(begun, ended));
            _record.Succeeded(run.Outputs.Shape.Batch, stages);
            return new DetectionResult(detections, stages.ToTimings()) { BatchSize = run.Outputs.Shape.Batch };
        }
        catch (Exception e)
        {
            _record.Failed(e, time.GetElapsedTime(begun));
            throw;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs the graph on tensors of its own inputs, in the same queue.</summary>
    /// <exception cref="InvalidInputException">The tensors do not fit the graph; the message says which, and what is expected.</exception>
    /// <exception cref="QueueFullException">Too many requests wait already.</exception>
    /// <exception cref="RequestTimeoutException">The request waited longer than it may.</exception>
    /// <exception cref="ModelOutputException">The model failed.</exception>
    public async Task<RawAnswer> InferAsync(RawRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Priority);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Timeout ?? TimeSpan.Zero, TimeSpan.Zero);
        var time = _options.Time;
        var begun = time.GetTimestamp();
        Interlocked.Increment(ref _calls);
        try
        {
            ct.ThrowIfCancellationRequested();
            var inference = _raw.Prepare(request, LevelOf(request.Priority), request.Timeout ?? _options.Timeout);
            var prepared = time.GetTimestamp();
            var run = await _batcher.RunAsync(inference, ct);
            var ended = time.GetTimestamp();
            var stages = new StageTimes(
                time.GetElapsedTime(prepared, run.Started), time.GetElapsedTime(begun, prepared), time.GetElapsedTime(run.Started, run.Finished),
                run.Copying, time.GetElapsedTime(begun, ended));
            _record.Succeeded(run.BatchSize, stages);
            return new RawAnswer(run.Outputs, stages.ToTimings()) { BatchSize = run.BatchSize };
        }
        catch (Exception e)
        {
            _record.Failed(e, time.GetElapsedTime(begun));
            throw;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Finishes the requests that wait, then frees the sessions.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        await _batcher.DisposeAsync();
        Leave();

        // Those whose run has ended may still read its outputs.
        await _left.Task;
        _session.Dispose();
        MemoryReturn.Trim();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _calls) == 0)
            _left.TrySetResult();
    }

    /// <summary>Lays the picture out on the caller's thread, and queues it.</summary>
    private (Task<PictureRun> Waiting, ResizePlan Plan, long Prepared) Prepare(Picture picture, DetectionOptions options, Admission? admission, CancellationToken ct)
    {
        var plan = ResizePlan.For(Passport.Input, picture.OriginalWidth, picture.OriginalHeight);
        var input = _session.Rent(new BufferShape(1, plan.InputWidth, plan.InputHeight));
        try
        {
            InputTensor.Write(picture, Passport.Input, plan, input.Picture(0));
            input.WriteExtras(0, plan);
        }
        catch
        {
            _session.Return(input);
            throw;
        }

        var prepared = _options.Time.GetTimestamp();
        var request = new PictureRequest(_session, input)
        {
            Level = LevelOf(options.Priority),
            Background = options.Background,
            Timeout = options.Timeout ?? (options.Background ? null : _options.Timeout),
            Admission = admission,
        };
        return (_batcher.RunAsync(request, ct), plan, prepared);
    }

    private static ResolvedModel Resolve(string graph, GraphDescription description, string? name, int version)
    {
        using var probe = new GraphProbe(graph, description);
        return ModelResolver.Resolve(graph, description, probe, name ?? GraphName.Of(graph), version);
    }

    private static void Check(DetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxDetections);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Priority);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Timeout ?? TimeSpan.Zero, TimeSpan.Zero);
    }

    private int LevelOf(int priority) => priority == 0 ? _options.DefaultPriority : priority;

    /// <summary>On the CPU one a core, as long as each run keeps to one; on a GPU one, which keeps it busy with batches.</summary>
    private static int RunnersOf(Device device, DetectionModelOptions options)
        => options.Runners > 0 ? options.Runners : !device.IsGpu && options.Threads < 2 ? Environment.ProcessorCount : 1;
}
