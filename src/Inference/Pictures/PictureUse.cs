using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Pictures;

/// <summary>What a picture is decoded for: what may be left out.</summary>
/// <param name="ColourManaged">Whether an embedded colour profile is applied.</param>
/// <param name="AtLeast">Width and height, upright, that a picture may be shrunk to while it is decoded; null to decode it whole.</param>
public sealed record PictureUse(bool ColourManaged = true, (int Width, int Height)? AtLeast = null)
{
    private const int LargestShrink = 8;

    private InputSpec? _target;

    /// <summary>The whole picture, its profile applied.</summary>
    public static PictureUse Whole { get; } = new();

    /// <summary>
    /// For a model's input and nothing else. Pictures may be shrunk where the model's filter averages over areas anyway; its boxes still come out in pixels of the
    /// original, as <see cref="Picture.OriginalWidth"/> and <see cref="Picture.OriginalHeight"/> keep its size.
    /// </summary>
    public static PictureUse For(InputSpec input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new PictureUse(input.ColourManaged) { _target = input.Filter is ResizeFilter.Antialias or ResizeFilter.Area ? input : null };
    }

    /// <summary>By how much an upright picture of this size may be shrunk, each side: 1, 2, 4 or 8.</summary>
    internal int ShrinkOf(int width, int height)
    {
        var (leastWidth, leastHeight) = Least(width, height);
        var shrink = 1;
        while (shrink < LargestShrink && width >= leastWidth * 2 * shrink && height >= leastHeight * 2 * shrink)
            shrink *= 2;
        return shrink;
    }

    private (int Width, int Height) Least(int width, int height)
    {
        if (_target is not { } input)
            return AtLeast ?? (width, height);
        var plan = ResizePlan.For(input, width, height);
        return (plan.Width, plan.Height);
    }
}
