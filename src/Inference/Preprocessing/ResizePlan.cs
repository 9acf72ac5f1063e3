using Serve.Eval;
using Serve.Inference.Models;

namespace Serve.Inference.Preprocessing;

/// <summary>
/// Where a picture comes to lie in a model's input: resized to <see cref="Width"/> x <see cref="Height"/>, its corner at (<see cref="Left"/>,
/// <see cref="Top"/>). Maps boxes between the two frames.
/// </summary>
public readonly record struct ResizePlan
{
    private ResizePlan(int sourceWidth, int sourceHeight, int width, int height, int left, int top, int inputWidth, int inputHeight)
        => (SourceWidth, SourceHeight, Width, Height, Left, Top, InputWidth, InputHeight)
            = (sourceWidth, sourceHeight, width, height, left, top, inputWidth, inputHeight);

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

    // Per axis, of the sizes really used: a letterbox rounds to whole pixels, so that the two differ a little.
    private double ScaleX => (double)Width / SourceWidth;

    private double ScaleY => (double)Height / SourceHeight;

    /// <summary>The plan for a picture of the given size.</summary>
    public static ResizePlan For(InputSpec input, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (input.Resize == ResizeRule.Stretch)
            return new ResizePlan(width, height, input.Width, input.Height, 0, 0, input.Width, input.Height);

        var scale = Math.Min((double)input.Width / width, (double)input.Height / height);
        var resizedWidth = Math.Clamp((int)Math.Round(width * scale), 1, input.Width);
        var resizedHeight = Math.Clamp((int)Math.Round(height * scale), 1, input.Height);
        var centred = input.Resize == ResizeRule.LetterboxCentre;
        return new ResizePlan(
            width, height, resizedWidth, resizedHeight,
            centred ? (input.Width - resizedWidth) / 2 : 0,
            centred ? (input.Height - resizedHeight) / 2 : 0,
            input.Width, input.Height);
    }

    /// <summary>Maps a box from pixels of the original picture to input pixels.</summary>
    public Box ToInput(Box box) => new(box.X1 * ScaleX + Left, box.Y1 * ScaleY + Top, box.X2 * ScaleX + Left, box.Y2 * ScaleY + Top);

    /// <summary>Maps a box from input pixels to pixels of the original picture, not clipped.</summary>
    public Box ToOriginal(Box box)
        => new((box.X1 - Left) / ScaleX, (box.Y1 - Top) / ScaleY, (box.X2 - Left) / ScaleX, (box.Y2 - Top) / ScaleY);

    /// <summary>Cuts a box, in pixels of the original picture, at the picture's edges.</summary>
    public Box Clip(Box box) => new(
        Math.Clamp(box.X1, 0, SourceWidth), Math.Clamp(box.Y1, 0, SourceHeight), Math.Clamp(box.X2, 0, SourceWidth), Math.Clamp(box.Y2, 0, SourceHeight));
}
