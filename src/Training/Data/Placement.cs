using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>Where the pixels of an image go: resized, flipped, then moved so that its corner lies at the offset in the canvas.</summary>
/// <param name="Width">Width of the resized image, pixels.</param>
/// <param name="Height">Height of the resized image, pixels.</param>
/// <param name="OffsetX">Canvas x of the resized image's left edge; negative where it is cropped.</param>
/// <param name="OffsetY">Canvas y of its top edge.</param>
/// <param name="FlipX">Mirrored left-right.</param>
/// <param name="FlipY">Mirrored top-bottom.</param>
internal readonly record struct Placement(int Width, int Height, int OffsetX, int OffsetY, bool FlipX, bool FlipY)
{
    /// <summary>Draws a placement. It always takes the same number of draws, so that one option does not change what another one does.</summary>
    /// <param name="imageWidth">Width of the original image, pixels.</param>
    /// <param name="imageHeight">Height of the original image, pixels.</param>
    /// <param name="options">Canvas and ranges.</param>
    /// <param name="random">The image's stream.</param>
    public static Placement Draw(int imageWidth, int imageHeight, Augmentation options, ref SplitMix64 random)
    {
        var flipX = random.NextBool(options.HorizontalFlip);
        var flipY = random.NextBool(options.VerticalFlip);
        var (width, height) = ImageSize.Drawn(imageWidth, imageHeight, options, random.NextDouble());
        var offsetX = Offset(width, options.Width, random.NextDouble(), options);
        var offsetY = Offset(height, options.Height, random.NextDouble(), options);
        return new(width, height, offsetX, offsetY, flipX, flipY);
    }

    /// <summary>The part of the canvas that the image covers.</summary>
    public (int X1, int Y1, int X2, int Y2) Visible(CanvasSize canvas) =>
        (Math.Max(0, OffsetX), Math.Max(0, OffsetY), Math.Min(canvas.Width, OffsetX + Width), Math.Min(canvas.Height, OffsetY + Height));

    /// <summary>Moves a box with the pixels.</summary>
    /// <param name="box">In pixels of the original image.</param>
    /// <param name="imageWidth">Width of the original image.</param>
    /// <param name="imageHeight">Height of the original image.</param>
    /// <returns>In pixels of the canvas, not clipped to it.</returns>
    public Box Apply(Box box, int imageWidth, int imageHeight)
    {
        var (x1, x2) = Axis(box.X1, box.X2, Width / (double)imageWidth, Width, OffsetX, FlipX);
        var (y1, y2) = Axis(box.Y1, box.Y2, Height / (double)imageHeight, Height, OffsetY, FlipY);
        return new(x1, y1, x2, y2);
    }

    private static (double Lower, double Upper) Axis(double lower, double upper, double scale, int length, int offset, bool flip) => flip
        ? (length - upper * scale + offset, length - lower * scale + offset)
        : (lower * scale + offset, upper * scale + offset);

    private static int Offset(int length, int canvas, double draw, Augmentation options)
    {
        var slack = canvas - length;
        return options.Resize switch
        {
            TrainingResize.ShortestSide => 0,
            TrainingResize.Jitter => -(int)(draw * Math.Max(0, -slack)),

            // Uniform over the whole-pixel offsets at which the shorter of image and canvas lies inside the longer.
            _ when slack < 0 => -(int)(draw * (1 - slack)),
            _ => options.RandomPlacement ? (int)(draw * (slack + 1)) : 0,
        };
    }
}
