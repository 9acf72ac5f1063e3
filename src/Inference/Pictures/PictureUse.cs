using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Pictures;

/// <summary>What a picture is decoded for, and so what may be left out.</summary>
/// <param name="ColourManaged">Whether an embedded colour profile is applied.</param>
public sealed record PictureUse(bool ColourManaged = true)
{
    private const int LargestShrink = 8;

    // How many times as large as the resized picture a shrunk one stays. At 1 the average precision of models/demo-scenes moved by 0.0013; at 1.5 that of
    // neither bundled model moved by more than 0.0004 (bench/results/pictures.md).
    private const double Reserve = 1.5;

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
        if (_target is null)
            return 1;
        var plan = ResizePlan.For(_target, width, height);
        var (leastWidth, leastHeight) = (plan.Width * Reserve, plan.Height * Reserve);
        var shrink = 1;
        while (shrink < LargestShrink && width >= 2 * shrink * leastWidth && height >= 2 * shrink * leastHeight)
            shrink *= 2;
        return shrink;
    }
}
