using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;
using Serve.Training.Data.Orders;

namespace Serve.Training.Data;

/// <summary>Makes augmented training images. A pure function of (seed, epoch, image index); safe for use from several threads.</summary>
internal sealed class SampleMaker
{
    // A picture kept at twice the largest size that is asked for may be resized again without a visible trace.
    private const int KeptScale = 2;

    private readonly Dataset dataset;
    private readonly DatasetObjects objects;
    private readonly Augmentation options;
    private readonly long seed;
    private readonly PictureCache pictures;
    private readonly StageTimes times;

    public SampleMaker(Dataset dataset, DatasetObjects objects, Augmentation options, long seed, long maxCacheBytes, Func<ImageEntry, Picture> read, StageTimes times)
    {
        (this.dataset, this.objects, this.options, this.seed, this.times) = (dataset, objects, options, seed, times);
        pictures = new(maxCacheBytes, index => Read(dataset.Images[index], read));
    }

    /// <summary>Id of the image at a position.</summary>
    public long ImageId(int index) => dataset.Images[index].Id;

    /// <summary>Makes an image's random choices.</summary>
    /// <param name="epoch">The pass over the dataset.</param>
    /// <param name="key">The image.</param>
    /// <param name="stream">What it is for.</param>
    public SamplePlan Plan(long epoch, SampleKey key, SampleStreamKind stream = SampleStreamKind.Main)
    {
        var random = key.Repeat == 0 && stream == SampleStreamKind.Main
            ? new SplitMix64(seed, epoch, key.Index)
            : new SplitMix64(seed, epoch, key.Index, key.Repeat, (long)stream);
        var image = dataset.Images[key.Index];
        var placement = Placement.Draw(image.Width, image.Height, options, ref random);
        return new(key.Index, placement, ColorJitter.Draw(options, ref random));
    }

    /// <summary>Paints an image.</summary>
    /// <param name="plan">What to do to it.</param>
    /// <param name="size">Size of the canvas.</param>
    /// <param name="canvas">3 x H x W floats, which get the RGB values, 0..255, where the image lies.</param>
    public void Paint(SamplePlan plan, CanvasSize size, Span<float> canvas)
    {
        var (width, height) = (plan.Placement.Width, plan.Placement.Height);
        var picture = pictures.Get(plan.Index);
        var start = times.Now();
        if (picture.Width != width || picture.Height != height)
            picture = PictureScaler.Resize(picture, width, height);
        start = times.Add(DataStage.Resize, start);
        CanvasPainter.Paint(picture, plan.Placement, plan.Jitter, size, canvas);
        times.Add(DataStage.Paint, start);
    }

    /// <summary>The objects seen in an image, in pixels of the canvas.</summary>
    public SampleObjects Place(SamplePlan plan)
    {
        var start = times.Now();
        var placed = objects[plan.Index].Place(dataset.Images[plan.Index], plan.Placement, options);
        times.Add(DataStage.Objects, start);
        return placed;
    }

    /// <summary>How many pixels of the canvas, by area, a pixel of the original image became.</summary>
    public double AreaScale(SamplePlan plan)
    {
        var image = dataset.Images[plan.Index];
        return plan.Placement.Width / (double)image.Width * (plan.Placement.Height / (double)image.Height);
    }

    /// <summary>Forgets the pictures kept in memory.</summary>
    public void Clear() => pictures.Clear();

    private Picture Read(ImageEntry image, Func<ImageEntry, Picture> read)
    {
        var start = times.Now();
        var picture = Checked(image, read(image));
        start = times.Add(DataStage.Decode, start);
        picture = Shrunk(picture);
        times.Add(DataStage.Resize, start);
        return picture;
    }

    private static Picture Checked(ImageEntry image, Picture picture) => picture.Width == image.Width && picture.Height == image.Height
        ? picture
        : throw new InvalidInputException(
            $"{image.FileName}: the annotation file says {image.Width} x {image.Height} pixels (image {image.Id}), "
            + $"the picture has {picture.Width} x {picture.Height}; its boxes would lie elsewhere.");

    // Done to every picture, kept or not: what a batch holds must not depend on which pictures fitted into the cache.
    private Picture Shrunk(Picture picture)
    {
        var (width, height) = ImageSize.Largest(picture.Width, picture.Height, options, KeptScale);
        return width < picture.Width && height < picture.Height ? PictureScaler.Resize(picture, width, height) : picture;
    }
}
