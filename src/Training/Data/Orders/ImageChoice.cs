using Serve.Eval.Datasets;

namespace Serve.Training.Data.Orders;

/// <summary>The images of a dataset that are shown, and how often.</summary>
internal sealed class ImageChoice
{
    private readonly Dataset dataset;
    private readonly int[] images;
    private readonly double[]? factors;

    private ImageChoice(Dataset dataset, int[] images, double[]? factors) => (this.dataset, this.images, this.factors) = (dataset, images, factors);

    /// <summary>Number of images.</summary>
    public int Count => images.Length;

    /// <summary>Chooses by the options.</summary>
    public static ImageChoice Of(Dataset dataset, DatasetObjects objects, SamplingOptions options)
    {
        int[] images = [.. Enumerable.Range(0, dataset.Images.Count).Where(image => !options.SkipEmpty || objects.LabelsOf(image).Any())];
        return new(dataset, images, options.RepeatThreshold is { } threshold ? RepeatFactors.Of(images, objects.LabelsOf, threshold) : null);
    }

    /// <summary>An order of them.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="stream">What it is for.</param>
    /// <param name="batchSize">Images a batch.</param>
    /// <param name="grouped">Whether batches hold one orientation.</param>
    public SampleOrder Order(long seed, SampleStreamKind stream, int batchSize, bool grouped)
        => new(seed, stream, images, batchSize, factors, grouped ? image => dataset.Images[image].Width > dataset.Images[image].Height : null);
}
