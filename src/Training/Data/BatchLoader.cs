using System.Runtime.CompilerServices;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>Yields augmented batches in a deterministic order, prepared by background threads.</summary>
/// <remarks>
/// A batch is a pure function of (dataset, augmentation, batch size, seed, step): the number of workers, what is cached, and where reading
/// starts do not change it. Each epoch visits the images in a new order; images without objects are kept.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    /// <summary>Memory for decoded pictures unless told otherwise.</summary>
    public const long DefaultCacheBytes = 512L << 20;

    private readonly Dataset dataset;
    private readonly SampleMaker samples;
    private readonly BatchMaker batches;
    private readonly int workers;
    private readonly CancellationTokenSource disposal = new();

    /// <summary>Creates a loader.</summary>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The training split.</param>
    /// <param name="augmentation">What is done to each image.</param>
    /// <param name="batchSize">Images a batch.</param>
    /// <param name="seed">Seed of order and augmentation.</param>
    /// <param name="workers">Background threads.</param>
    /// <param name="maxCacheBytes">Memory for decoded pictures; those that do not fit are decoded again in each epoch.</param>
    /// <exception cref="InvalidInputException">An option is out of range, there are fewer images than a batch takes, or an object refers to an
    /// unknown image or category.</exception>
    public BatchLoader(
        DatasetFolder folder, Dataset dataset, Augmentation augmentation, int batchSize, long seed, int workers, long maxCacheBytes = DefaultCacheBytes)
        : this(new PictureFiles(folder).Read, dataset, augmentation, batchSize, seed, workers, maxCacheBytes)
    {
    }

    /// <summary>Creates a loader that reads its pictures from elsewhere than a folder.</summary>
    internal BatchLoader(
        Func<ImageEntry, Picture> read, Dataset dataset, Augmentation augmentation, int batchSize, long seed, int workers, long maxCacheBytes)
    {
        augmentation.Validate();
        RequireAtLeast(1, batchSize, "batch size");
        RequireAtLeast(1, workers, "workers");
        RequireAtLeast(0, maxCacheBytes, "bytes of the picture cache");
        if (dataset.Images.Count < batchSize)
            throw new InvalidInputException($"batch size: got {batchSize}, allowed 1..{dataset.Images.Count}, the number of images in the dataset.");

        (this.dataset, this.workers) = (dataset, workers);
        samples = new(dataset, augmentation, seed, maxCacheBytes, read);
        batches = new(dataset, samples, augmentation, batchSize, new EpochOrder(seed, dataset.Images.Count));
        BatchSize = batchSize;
    }

    /// <summary>Images a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whole batches in one pass over the dataset; the incomplete last one is dropped (each epoch shuffles anew).</summary>
    public int StepsPerEpoch => dataset.Images.Count / BatchSize;

    /// <summary>Batches from <paramref name="firstStep"/> on, without end. The consumer disposes each.</summary>
    /// <exception cref="InvalidInputException">A picture is missing, broken, or not of the size that the dataset says; the message names the file.</exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled, or the loader disposed.</exception>
    public IAsyncEnumerable<TrainingBatch> ReadAsync(long firstStep, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(disposal.IsCancellationRequested, this);
        ArgumentOutOfRangeException.ThrowIfNegative(firstStep);
        return ReadFromAsync(firstStep, ct);
    }

    /// <summary>Stops reading and frees the pictures kept in memory. Batches already handed out stay valid.</summary>
    public void Dispose()
    {
        disposal.Cancel();
        samples.Clear();
    }

    private async IAsyncEnumerable<TrainingBatch> ReadFromAsync(long firstStep, [EnumeratorCancellation] CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, disposal.Token);
        var scheduler = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, workers).ConcurrentScheduler;
        var pending = new Queue<Task<TrainingBatch>>();
        try
        {
            for (var next = firstStep; ;)
            {
                stop.Token.ThrowIfCancellationRequested();

                // Every worker has a batch to make, and one more is ready while the consumer computes.
                for (; pending.Count < workers + 1; next++)
                {
                    var step = next;
                    pending.Enqueue(Task.Factory.StartNew(() => batches.Make(step, stop.Token), stop.Token, TaskCreationOptions.DenyChildAttach, scheduler));
                }

                yield return await pending.Dequeue();
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var task in pending)
            {
                // What was prepared ahead is of no use to anyone now, nor are its faults.
                await task.ContinueWith(t => t.IsCompletedSuccessfully, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                if (task.IsCompletedSuccessfully) (await task).Dispose();
            }
        }
    }

    private static void RequireAtLeast(long lower, long given, string name)
    {
        if (given < lower) throw new InvalidInputException($"{name}: got {given}, allowed {lower} or more.");
    }
}
