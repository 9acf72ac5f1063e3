namespace Serve.Inference.Drawing;

/// <summary>A rectangle of whole pixels.</summary>
internal readonly record struct PixelRectangle(int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;

    public int Bottom => Top + Height;

    /// <summary>Pixels that both have.</summary>
    public long Shared(PixelRectangle other)
        => (long)Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left)) * Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
}

/// <summary>Finds room for labels: on the picture, at their boxes, and not on each other.</summary>
/// <param name="width">Width of the picture in pixels.</param>
/// <param name="height">Height of the picture in pixels.</param>
internal sealed class LabelPlacement(int width, int height)
{
    private readonly List<PixelRectangle> _placed = [];

    /// <summary>
    /// The place of a label: above its box where there is room, else inside at its top; where another label is in the way below, at the right or inside
    /// at the bottom. When all are taken, the one of which least is.
    /// </summary>
    public PixelRectangle Place(PixelRectangle box, int labelWidth, int labelHeight)
    {
        var above = box.Top >= labelHeight ? box.Top - labelHeight : box.Top;
        ReadOnlySpan<(int Left, int Top)> places =
        [
            (box.Left, above), (box.Left, box.Top), (box.Left, box.Bottom), (box.Right - labelWidth, above), (box.Right - labelWidth, box.Bottom),
            (box.Left, box.Bottom - labelHeight), (box.Right - labelWidth, box.Bottom - labelHeight),
        ];
        var (best, least) = (default(PixelRectangle), long.MaxValue);
        foreach (var (left, top) in places)
        {
            var place = new PixelRectangle(
                Math.Max(0, Math.Min(left, width - labelWidth)), Math.Max(0, Math.Min(top, height - labelHeight)), labelWidth, labelHeight);
            var taken = _placed.Sum(place.Shared);
            if (taken < least)
                (best, least) = (place, taken);
            if (taken == 0)
                break;
        }

        _placed.Add(best);
        return best;
    }
}
