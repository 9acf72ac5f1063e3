namespace Serve.Inference.Scenes.Drawing;

/// <summary>A rectangle of whole pixels; right and bottom are outside of it.</summary>
internal readonly record struct Area(int Left, int Top, int Right, int Bottom)
{
    public int Width => Math.Max(0, Right - Left);

    public int Height => Math.Max(0, Bottom - Top);

    /// <summary>The pixels that outlines touch, within this area.</summary>
    public Area Around(IEnumerable<Vec[]> outlines)
    {
        double x1 = double.MaxValue, y1 = double.MaxValue, x2 = double.MinValue, y2 = double.MinValue;
        foreach (var point in outlines.SelectMany(o => o))
        {
            (x1, y1) = (Math.Min(x1, point.X), Math.Min(y1, point.Y));
            (x2, y2) = (Math.Max(x2, point.X), Math.Max(y2, point.Y));
        }

        return new(
            (int)Math.Clamp(Math.Floor(x1), Left, Right), (int)Math.Clamp(Math.Floor(y1), Top, Bottom),
            (int)Math.Clamp(Math.Ceiling(x2), Left, Right), (int)Math.Clamp(Math.Ceiling(y2), Top, Bottom));
    }

    /// <summary>This area and a margin around it, within another.</summary>
    public Area Grown(int margin, Area within) => new(
        Math.Max(within.Left, Left - margin), Math.Max(within.Top, Top - margin),
        Math.Min(within.Right, Right + margin), Math.Min(within.Bottom, Bottom + margin));
}
