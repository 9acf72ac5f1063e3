using Serve.Eval.Datasets;
using Serve.Training.Data.Orders;

namespace Serve.Training.Data;

/// <summary>What batches are made of.</summary>
public sealed record BatchOptions
{
    /// <summary>What is done to each image.</summary>
    public required Augmentation Augmentation { get; init; }

    /// <summary>Images a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Which images are shown, how often and together with which others.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Seed of order and augmentation.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whether targets come with masks.</summary>
    public bool Masks { get; init; }

    /// <summary>What has to be read of the annotations.</summary>
    public AnnotationParts Parts => Masks || Augmentation.NeedsMasks ? AnnotationParts.Segmentations : AnnotationParts.Boxes;
}
