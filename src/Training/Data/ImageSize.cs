namespace Serve.Training.Data;

/// <summary>Sizes of training images in pixels, by each rule; no side is below one pixel.</summary>
internal static class ImageSize
{
    /// <summary>The size for a random number, by the rule of an augmentation.</summary>
    /// <param name="width">Width of the original image.</param>
    /// <param name="height">Height of the original image.</param>
    /// <param name="options">The rule and its ranges.</param>
    /// <param name="draw">Uniform in [0, 1).</param>
    public static (int Width, int Height) Drawn(int width, int height, Augmentation options, double draw)
    {
        var (lower, upper) = options.Scale;
        return options.Resize switch
        {
            TrainingResize.Fit => Fit(width, height, options, lower + (upper - lower) * draw),
            TrainingResize.Jitter => Jitter(width, height, options, lower + (upper - lower) * draw),
            TrainingResize.ShortestSide => ShortestSide(width, height, ShortSide(options, draw), options.LongSide),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Resize, "There is no such rule."),
        };
    }

    /// <summary>The largest size that can be drawn, times a factor.</summary>
    public static (int Width, int Height) Largest(int width, int height, Augmentation options, int times) => options.Resize switch
    {
        TrainingResize.Fit => Fit(width, height, options, times * options.Scale.Upper),
        TrainingResize.Jitter => Jitter(width, height, options, times * options.Scale.Upper),
        TrainingResize.ShortestSide => ShortestSide(width, height, times * options.ShortSides.Max(), times * options.LongSide),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Resize, "There is no such rule."),
    };

    /// <summary>The size that fits the canvas, times a factor.</summary>
    public static (int Width, int Height) Fit(int width, int height, Augmentation options, double factor)
    {
        var scale = factor * Math.Min(options.Width / (double)width, options.Height / (double)height);
        return (Side(width * scale), Side(height * scale));
    }

    /// <summary>The size that fits into the rounded product of canvas and factor.</summary>
    public static (int Width, int Height) Jitter(int width, int height, Augmentation options, double factor)
    {
        var (targetWidth, targetHeight) = (Math.Round(factor * options.Width), Math.Round(factor * options.Height));

        // Of whole numbers, so that a size halfway between two pixels is exactly that, and rounds to even.
        return targetHeight * width <= targetWidth * height
            ? (Side(width * targetHeight / height), Side(targetHeight))
            : (Side(targetWidth), Side(height * targetWidth / width));
    }

    /// <summary>The size whose shorter side is given, or less where the longer one would exceed its limit.</summary>
    public static (int Width, int Height) ShortestSide(int width, int height, int shortSide, int longSide)
    {
        var (shorter, longer) = (Math.Min(width, height), Math.Max(width, height));
        var scale = shortSide / (double)shorter;
        if (scale * longer > longSide)
            scale = longSide / (double)longer;
        return (Math.Max(1, (int)(scale * width + 0.5)), Math.Max(1, (int)(scale * height + 0.5)));
    }

    private static int ShortSide(Augmentation options, double draw)
    {
        if (!options.AnyShortSideBetween)
            return options.ShortSides[(int)(draw * options.ShortSides.Count)];
        var (lower, upper) = (options.ShortSides.Min(), options.ShortSides.Max());
        return lower + (int)(draw * (upper - lower + 1));
    }

    private static int Side(double length) => Math.Max(1, (int)Math.Round(length));
}
