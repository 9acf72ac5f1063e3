namespace Serve.Inference.Detection;

/// <summary>
/// Counters of a model since it was loaded, exact at every moment: what the statistics extension of the Open Inference Protocol answers.
/// </summary>
public sealed class ModelStatistics
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, BatchCounts> _batches = [];
    private readonly TimeProvider _time;
    private Duration _success, _fail, _queue, _input, _infer, _output;
    private long _images, _runs, _full, _expired, _cancelled;
    private DateTimeOffset? _last;

    internal ModelStatistics(TimeProvider time) => _time = time;

    /// <summary>The counters at this moment.</summary>
    public StatisticsSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new StatisticsSnapshot(
                _last, _images, _runs, _success, _fail, _queue, _input, _infer, _output,
                [.. _batches.Select(batch => batch.Value.ToStatistics(batch.Key))],
                new Rejections(_full, _expired, _cancelled));
        }
    }

    /// <summary>A run has ended.</summary>
    internal void Ran(int size, TimeSpan infer)
    {
        lock (_gate)
        {
            _images += size;
            _runs++;
            _last = _time.GetUtcNow();
            Batch(size).Infer += infer;
        }
    }

    /// <summary>A request was answered.</summary>
    /// <param name="batchSize">Pictures in its run.</param>
    /// <param name="stages">Where its time went.</param>
    internal void Succeeded(int batchSize, in StageTimes stages)
    {
        lock (_gate)
        {
            _success += stages.Total;
            _queue += stages.Queue;
            _input += stages.Input;
            _infer += stages.Infer;
            _output += stages.Output;
            var batch = Batch(batchSize);
            batch.InputTicks += stages.Input.Ticks;
            batch.OutputTicks += stages.Output.Ticks;
        }
    }

    /// <summary>A request was not answered.</summary>
    internal void Failed(Exception cause, TimeSpan after)
    {
        lock (_gate)
        {
            if (cause is OperationCanceledException)
            {
                _cancelled++;
                return;
            }

            _fail += after;
            _full += cause is QueueFullException ? 1 : 0;
            _expired += cause is RequestTimeoutException ? 1 : 0;
        }
    }

    private BatchCounts Batch(int size)
    {
        if (!_batches.TryGetValue(size, out var batch))
            _batches[size] = batch = new BatchCounts();
        return batch;
    }

    private sealed class BatchCounts
    {
        public Duration Infer { get; set; }

        public long InputTicks { get; set; }

        public long OutputTicks { get; set; }

        public BatchStatistics ToStatistics(int size)
            => new(size, Infer with { Nanoseconds = InputTicks * TimeSpan.NanosecondsPerTick }, Infer, Infer with { Nanoseconds = OutputTicks * TimeSpan.NanosecondsPerTick });
    }
}

/// <summary>Where the time of an answered request went.</summary>
internal readonly record struct StageTimes(TimeSpan Queue, TimeSpan Input, TimeSpan Infer, TimeSpan Output, TimeSpan Total)
{
    public DetectionTimings ToTimings() => new(Queue.TotalMilliseconds, Input.TotalMilliseconds, Infer.TotalMilliseconds, Output.TotalMilliseconds);
}

/// <summary>How often something happened, and how long it took together.</summary>
public readonly record struct Duration(long Count, long Nanoseconds)
{
    /// <summary>One more.</summary>
    public static Duration operator +(Duration sum, TimeSpan one) => new(sum.Count + 1, sum.Nanoseconds + one.Ticks * TimeSpan.NanosecondsPerTick);

    /// <summary>One more.</summary>
    public static Duration Add(Duration left, TimeSpan right) => left + right;
}

/// <summary>Runs of one batch size: times of its pictures' preparation, of the runs, and of reading their outputs.</summary>
public sealed record BatchStatistics(int BatchSize, Duration ComputeInput, Duration ComputeInfer, Duration ComputeOutput);

/// <summary>Requests that were not run.</summary>
/// <param name="QueueFull">The queue was full.</param>
/// <param name="TimedOut">They waited longer than they may.</param>
/// <param name="Cancelled">Their client went. These do not count as failed.</param>
public sealed record Rejections(long QueueFull, long TimedOut, long Cancelled);

/// <summary>Counters of a model since it was loaded.</summary>
/// <param name="LastInference">When the last run ended; null before the first.</param>
/// <param name="InferenceCount">Pictures that were run.</param>
/// <param name="ExecutionCount">Runs; fewer than pictures where some ran together.</param>
/// <param name="Success">Requests answered, with their whole time.</param>
/// <param name="Fail">Requests not answered, with the time until that was known.</param>
/// <param name="Queue">Waiting.</param>
/// <param name="ComputeInput">Preparing inputs: resizing and laying out, or checking and copying tensors.</param>
/// <param name="ComputeInfer">Runs, counted for every request of theirs.</param>
/// <param name="ComputeOutput">Reading outputs.</param>
/// <param name="Batches">By batch size, rising. Runs are counted, not requests.</param>
/// <param name="Rejections">Requests that were not run.</param>
public sealed record StatisticsSnapshot(
    DateTimeOffset? LastInference,
    long InferenceCount,
    long ExecutionCount,
    Duration Success,
    Duration Fail,
    Duration Queue,
    Duration ComputeInput,
    Duration ComputeInfer,
    Duration ComputeOutput,
    IReadOnlyList<BatchStatistics> Batches,
    Rejections Rejections);
