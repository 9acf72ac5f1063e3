using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>Makes augmented training images. A pure function of (seed, epoch, image index); safe for use from several threads.</summary>
internal sealed class SampleMaker
{
    // A picture kept at twice the largest size that is asked for may be resized again without a visible trace.
    private const int KeptScale = 2;

    private readonly Dataset dataset;
    private readonly ImageObjects[] objects;
    private readonly Augmentation options;
    private readonly long seed;
    private readonly PictureCache pictures;

    public SampleMaker(Dataset dataset, Augmentation options, long seed, long maxCacheBytes, Func<ImageEntry, Picture> read)
    {
        (this.dataset, this.options, this.seed) = (dataset, options, seed);
        objects = ImageObjects.Group(dataset);
        pictures = new(maxCacheBytes, index => Shrunk(Checked(dataset.Images[index], read(dataset.Images[index]))));
    }

    /// <summary>Augments one image.</summary>
    /// <param name="epoch">The pass over the dataset.</param>
    /// <param name="index">Position of the image in the dataset.</param>
    /// <param name="canvas">3 x H x W floats, all 0; gets the RGB values, 0..255.</param>
    /// <returns>The objects seen, in pixels of the canvas.</returns>
    public ImageObjects Make(long epoch, int index, Span<float> canvas)
    {
        var random = new SplitMix64(seed, epoch, index);
        var image = dataset.Images[index];
        var placement = Placement.Draw(image.Width, image.Height, options, ref random);
        var jitter = ColorJitter.Draw(options, ref random);

        var picture = pictures.Get(index);
        if (picture.Width != placement.Width || picture.Height != placement.Height)
            picture = PictureScaler.Resize(picture, placement.Width, placement.Height);
        CanvasPainter.Paint(picture, placement, jitter, options, canvas);
        return objects[index].Place(image, placement, options);
    }

    /// <summary>Forgets the pictures kept in memory.</summary>
    public void Clear() => pictures.Clear();

    private static Picture Checked(ImageEntry image, Picture picture) => picture.Width == image.Width && picture.Height == image.Height
        ? picture
        : throw new InvalidInputException(
            $"{image.FileName}: the annotation file says {image.Width} x {image.Height} pixels (image {image.Id}), "
            + $"the picture has {picture.Width} x {picture.Height}; its boxes would lie elsewhere.");

    // Done to every picture, kept or not: what a batch holds must not depend on which pictures fitted into the cache.
    private Picture Shrunk(Picture picture)
    {
        var (width, height) = Placement.Fit(picture.Width, picture.Height, options, KeptScale * options.Scale.Upper);
        return width < picture.Width && height < picture.Height ? PictureScaler.Resize(picture, width, height) : picture;
    }
}
