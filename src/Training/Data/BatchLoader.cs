using System.Runtime.CompilerServices;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Data.Orders;

namespace Serve.Training.Data;

/// <summary>Yields augmented batches in a deterministic order, prepared by background threads.</summary>
/// <remarks>
/// A batch is a pure function of (dataset, options, step): the number of workers, what is cached, and where reading
/// starts do not change it. Each epoch visits the images in a new order; images without objects are kept.
/// </remarks>
public sealed class BatchLoader : IDisposable
{
    /// <summary>Memory for decoded pictures unless told otherwise.</summary>
    public const long DefaultCacheBytes = 512L << 20;

    private readonly IReadOnlyList<SampleMaker> makers;
    private readonly BatchMaker batches;
    private readonly int workers;
    private readonly CancellationTokenSource disposal = new();

    /// <summary>Creates a loader.</summary>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The training split, read with <see cref="BatchOptions.Parts"/>.</param>
    /// <param name="options">What batches are made of.</param>
    /// <param name="workers">Background threads.</param>
    /// <param name="maxCacheBytes">Memory for decoded pictures; those that do not fit are decoded again in each epoch.</param>
    /// <param name="time">The clock for <see cref="Times"/>; null for that of the system.</param>
    /// <exception cref="InvalidInputException">An option is out of range, there are fewer images than a batch takes, an object refers to an
    /// unknown image or category, or a mask is missing that is needed.</exception>
    public BatchLoader(DatasetFolder folder, Dataset dataset, BatchOptions options, int workers, long maxCacheBytes = DefaultCacheBytes, TimeProvider? time = null)
        : this(new PictureSource(new PictureFiles(folder).Read, dataset), null, options, workers, maxCacheBytes, time)
    {
    }

    /// <summary>
    /// Creates a loader for self-training: the second half of each batch are images with labels that a detector gave (<see cref="PseudoLabels"/>). Objects that are pasted come from
    /// the annotated images alone.
    /// </summary>
    /// <param name="annotated">Folder and training split of the annotated images.</param>
    /// <param name="pseudo">Folder and dataset of the others; the same categories in the same order.</param>
    /// <param name="options">What batches are made of; an even number of images.</param>
    /// <param name="workers">Background threads.</param>
    /// <param name="maxCacheBytes">Memory for decoded pictures of either half.</param>
    /// <param name="time">The clock for <see cref="Times"/>; null for that of the system.</param>
    /// <exception cref="InvalidInputException">As above, or the batch size is odd, or the categories differ.</exception>
    public BatchLoader(
        (DatasetFolder Folder, Dataset Dataset) annotated,
        (DatasetFolder Folder, Dataset Dataset) pseudo,
        BatchOptions options,
        int workers,
        long maxCacheBytes = DefaultCacheBytes,
        TimeProvider? time = null)
        : this(
            new PictureSource(new PictureFiles(annotated.Folder).Read, annotated.Dataset),
            new PictureSource(new PictureFiles(pseudo.Folder).Read, pseudo.Dataset),
            options, workers, maxCacheBytes, time)
    {
    }

    /// <summary>Creates a loader that reads its pictures from elsewhere than a folder.</summary>
    internal BatchLoader(PictureSource annotated, PictureSource? pseudo, BatchOptions options, int workers, long maxCacheBytes, TimeProvider? time = null)
    {
        options.Augmentation.Validate();
        options.Sampling.Validate();
        RequireAtLeast(1, options.BatchSize, "batch size");
        RequireAtLeast(1, workers, "workers");
        RequireAtLeast(0, maxCacheBytes, "bytes of the picture cache");
        if (pseudo is not null && options.BatchSize % 2 == 1)
            throw new InvalidInputException($"batch size: got {options.BatchSize}, allowed even numbers, of which half are images with labels of a detector.");
        if (pseudo is not null && !Names(pseudo).SequenceEqual(Names(annotated)))
            throw new InvalidInputException("the images with labels of a detector have other categories than the annotated ones, or another order of them.");

        this.workers = workers;
        BatchSize = options.BatchSize;
        Times = new(time ?? TimeProvider.System);
        var share = pseudo is null ? BatchSize : BatchSize / 2;
        var main = StreamOf(SampleStreamKind.Main, annotated, share);
        List<SampleStream> streams = [main.Stream];
        if (pseudo is not null)
            streams.Add(StreamOf(SampleStreamKind.Pseudo, pseudo, share).Stream);
        var pasted = options.Augmentation.CopyPaste is { } paste ? PastedFrom(paste) : null;
        makers = [.. streams.Select(stream => stream.Samples)];
        batches = new(streams, pasted, options, Times);
        StepsPerEpoch = main.Stream.Order.StepsPerEpoch;

        static IEnumerable<(long Id, string Name)> Names(PictureSource source) => source.Dataset.Categories.Select(category => (category.Id, category.Name));

        (SampleStream Stream, DatasetObjects Objects) StreamOf(SampleStreamKind kind, PictureSource source, int count)
        {
            var objects = new DatasetObjects(source.Dataset, options.Parts.HasFlag(AnnotationParts.Segmentations));
            var images = ImageChoice.Of(source.Dataset, objects, options.Sampling);
            if (images.Count < count)
            {
                var which = options.Sampling.SkipEmpty ? "images with objects" : "images";
                throw new InvalidInputException($"batch size: got {BatchSize}, allowed 1..{images.Count * (BatchSize / count)}, the number of {which} in the dataset.");
            }

            var samples = new SampleMaker(source.Dataset, objects, options.Augmentation, options.Seed, maxCacheBytes, source.Read, Times);
            return (new(kind, samples, images.Order(options.Seed, kind, count, options.Sampling.AspectGroups)), objects);
        }

        SampleStream PastedFrom(CopyPasteOptions paste)
        {
            var sampling = options.Sampling with { RepeatThreshold = paste.RepeatThreshold ?? options.Sampling.RepeatThreshold };
            var order = ImageChoice.Of(annotated.Dataset, main.Objects, sampling).Order(options.Seed, SampleStreamKind.Pasted, batchSize: 1, grouped: false);
            return new(SampleStreamKind.Pasted, main.Stream.Samples, order);
        }
    }

    /// <summary>Images a batch.</summary>
    public int BatchSize { get; }

    /// <summary>Whole batches in one pass over the (annotated) dataset; the incomplete last one is dropped (each epoch shuffles anew).</summary>
    public int StepsPerEpoch { get; }

    /// <summary>How long preparing batches takes, by stage.</summary>
    public StageTimes Times { get; }

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
        foreach (var maker in makers)
            maker.Clear();
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

                var start = Times.Now();
                var batch = await pending.Dequeue();
                Times.Add(DataStage.Wait, start);
                yield return batch;
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
