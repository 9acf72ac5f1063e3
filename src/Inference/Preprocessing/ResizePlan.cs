using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Preprocessing;

/// <summary>
/// Where a picture comes to lie in a model's input: resized to <see cref="Width"/> x <see cref="Height"/>, its corner at (<see cref="Left"/>,
/// <see cref="Top"/>). Maps boxes between the two frames.
/// </summary>
public readonly record struct ResizePlan
{
    // Per axis, of the sizes really used: a letterbox rounds to whole pixels, so that the two differ a little. Or the one factor that was meant.
    private readonly double _scaleX;
    private readonly double _scaleY;

    private ResizePlan(int sourceWidth, int sourceHeight, int width, int height, int left, int top, int inputWidth, int inputHeight, double? factor = null)
    {
        (SourceWidth, SourceHeight, Width, Height, Left, Top, InputWidth, InputHeight)
            = (sourceWidth, sourceHeight, width, height, left, top, inputWidth, inputHeight);
        (_scaleX, _scaleY) = (factor ?? (double)Width / SourceWidth, factor ?? (double)Height / SourceHeight);
    }

    /// <summary>Width of the input tensor in pixels.</summary>
    public int InputWidth { get; }

    /// <summary>Height of the input tensor in pixels.</summary>
    public int InputHeight { get; }

    /// <summary>Width of the original picture in pixels.</summary>
    public int SourceWidth { get; }

    /// <summary>Height of the original picture in pixels.</summary>
    public int SourceHeight { get; }

    /// <summary>Width of the resized picture in input pixels.</summary>
    public int Width { get; }

    /// <summary>Height of the resized picture in input pixels.</summary>
    public int Height { get; }

    /// <summary>Input pixels left of the picture.</summary>
    public int Left { get; }

    /// <summary>Input pixels above the picture.</summary>
    public int Top { get; }

    /// <summary>The plan for a picture of the given size.</summary>
    /// <param name="input">What the model wants.</param>
    /// <param name="width">Upright width of the original picture in pixels.</param>
    /// <param name="height">Upright height of the original picture in pixels.</param>
    public static ResizePlan For(InputSpec input, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return input.Resize switch
        {
            ResizeRule.Stretch => new ResizePlan(width, height, input.Width, input.Height, 0, 0, input.Width, input.Height),
            ResizeRule.ShortestSide => Dynamic(input, width, height, ShortestSideScale(input, width, height), Math.Max(input.Width, input.Height)),
            ResizeRule.Keep => Dynamic(input, width, height, Math.Min(1, FittingScale(input, width, height)), int.MaxValue),
            _ => Letterbox(input, width, height, input.Resize == ResizeRule.LetterboxCentre),
        };
    }

    private static ResizePlan Letterbox(InputSpec input, int width, int height, bool centred)
    {
        var scale = FittingScale(input, width, height);
        var (resizedWidth, resizedHeight) = (Whole(width * scale, input, input.Width), Whole(height * scale, input, input.Height));
        return new ResizePlan(
            width, height, resizedWidth, resizedHeight,
            centred ? (input.Width - resizedWidth) / 2 : 0,
            centred ? (input.Height - resizedHeight) / 2 : 0,
            input.Width, input.Height, input.OneFactor ? scale : null);
    }

    private static ResizePlan Dynamic(InputSpec input, int width, int height, double scale, int most)
    {
        var (resizedWidth, resizedHeight) = (Whole(width * scale, input, most), Whole(height * scale, input, most));
        return new ResizePlan(
            width, height, resizedWidth, resizedHeight, 0, 0, Multiple(resizedWidth, input.SizeMultiple), Multiple(resizedHeight, input.SizeMultiple),
            input.OneFactor ? scale : null);
    }

    private static double FittingScale(InputSpec input, int width, int height) => Math.Min((double)input.Width / width, (double)input.Height / height);

    private static double ShortestSideScale(InputSpec input, int width, int height)
        => Math.Min((double)Math.Min(input.Width, input.Height) / Math.Min(width, height), (double)Math.Max(input.Width, input.Height) / Math.Max(width, height));

    private static int Whole(double side, InputSpec input, int most)
        => (int)Math.Clamp(input.Rounding == SizeRounding.Down ? Math.Floor(side) : Math.Round(side), 1, most);

    private static int Multiple(int side, int multiple) => (side + multiple - 1) / multiple * multiple;

    /// <summary>Maps a box from pixels of the original picture to input pixels.</summary>
    public Box ToInput(Box box) => new(box.X1 * _scaleX + Left, box.Y1 * _scaleY + Top, box.X2 * _scaleX + Left, box.Y2 * _scaleY + Top);

    /// <summary>Maps a box from input pixels to pixels of the original picture, not clipped.</summary>
    public Box ToOriginal(Box box)
        => new((box.X1 - Left) / _scaleX, (box.Y1 - Top) / _scaleY, (box.X2 - Left) / _scaleX, (box.Y2 - Top) / _scaleY);

    /// <summary>Cuts a box, in pixels of the original picture, at the picture's edges.</summary>
    public Box Clip(Box box) => new(
        Math.Clamp(box.X1, 0, SourceWidth), Math.Clamp(box.Y1, 0, SourceHeight), Math.Clamp(box.X2, 0, SourceWidth), Math.Clamp(box.Y2, 0, SourceHeight));
}
