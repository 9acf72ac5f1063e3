using Serve.Eval.Datasets;

namespace Serve.Training.Data;

/// <summary>What is done to a training image. Every random choice is a function of (seed, epoch, image), so that a resumed run continues bit for bit.</summary>
public sealed record Augmentation
{
    /// <summary>Canvas width in pixels, a multiple of 32.</summary>
    public required int Width { get; init; }

    /// <summary>Canvas height in pixels, a multiple of 32.</summary>
    public required int Height { get; init; }

    /// <summary>Probability of a left-right flip.</summary>
    public double HorizontalFlip { get; init; } = 0.5;

    /// <summary>Probability of a top-bottom flip.</summary>
    public double VerticalFlip { get; init; }

    /// <summary>Range of the scale factor, relative to the size that fits the canvas; larger ones are cropped at random, smaller ones padded.</summary>
    public (double Lower, double Upper) Scale { get; init; } = (1, 1);

    /// <summary>Largest relative change of brightness, contrast and saturation, and of hue as a share of the circle.</summary>
    public (double Brightness, double Contrast, double Saturation, double Hue) ColorJitter { get; init; }

    /// <summary>Share of a box's area that must stay visible after a crop for the object to be kept.</summary>
    public double MinVisible { get; init; } = 0.25;
}

/// <summary>Yields augmented batches in a deterministic order, prepared by background threads.</summary>
public sealed class BatchLoader : IDisposable
{
    /// <summary>Creates a loader.</summary>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The training split.</param>
    /// <param name="augmentation">What is done to each image.</param>
    /// <param name="batchSize">Images a batch.</param>
    /// <param name="seed">Seed of order and augmentation.</param>
    /// <param name="workers">Background threads.</param>
    public BatchLoader(DatasetFolder folder, Dataset dataset, Augmentation augmentation, int batchSize, long seed, int workers)
        => throw new NotImplementedException($"{folder}{dataset}{augmentation}{batchSize}{seed}{workers}");

    /// <summary>Whole batches in one pass over the dataset; the incomplete last one is dropped (each epoch shuffles anew).</summary>
    public int StepsPerEpoch => throw new NotImplementedException();

    /// <summary>Batches from <paramref name="firstStep"/> on, without end. The consumer disposes each.</summary>
    public IAsyncEnumerable<TrainingBatch> ReadAsync(long firstStep, CancellationToken ct) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
