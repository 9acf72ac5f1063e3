using Serve.Inference.Masks;
using Serve.Inference.Pictures;

namespace Serve.Inference.Drawing;

/// <summary>A copy of a picture to draw on. Everything is cut at its edges.</summary>
internal sealed class Canvas(Picture picture)
{
    private readonly byte[] _pixels = [.. picture.Bytes];

    public int Width { get; } = picture.Width;

    public int Height { get; } = picture.Height;

    /// <summary>The picture as drawn so far.</summary>
    public Picture ToPicture() => new(Width, Height, _pixels);

    /// <summary>Fills pixels x1 up to but not including x2, and so for y.</summary>
    public void Fill(int x1, int y1, int x2, int y2, Colour colour)
    {
        var (left, right) = (Math.Max(0, x1), Math.Min(Width, x2));
        for (var y = Math.Max(0, y1); y < Math.Min(Height, y2); y++)
        {
            for (var x = left; x < right; x++)
                Set(x, y, colour);
        }
    }

    /// <summary>Mixes a colour into the pixels of a mask.</summary>
    /// <param name="mask">Lies inside the picture.</param>
    /// <param name="colour">The colour.</param>
    /// <param name="share">Its share, 0..1.</param>
    public void Tint(BitMask mask, Colour colour, double share)
    {
        for (var y = 0; y < mask.Height; y++)
        {
            for (var x = 0; x < mask.Width; x++)
            {
                if (mask.Pixels[y * mask.Width + x])
                    Blend(mask.X + x, mask.Y + y, colour, share);
            }
        }
    }

    /// <summary>Draws the pixels of a mask that are no farther from its edge than a line's thickness.</summary>
    /// <param name="mask">Lies inside the picture.</param>
    /// <param name="thickness">Of the line, inside the mask, in pixels.</param>
    /// <param name="colour">The colour.</param>
    public void Edge(BitMask mask, int thickness, Colour colour)
    {
        for (var y = 0; y < mask.Height; y++)
        {
            for (var x = 0; x < mask.Width; x++)
            {
                if (mask.Pixels[y * mask.Width + x]
                    && !(mask.At(x - thickness, y) && mask.At(x + thickness, y) && mask.At(x, y - thickness) && mask.At(x, y + thickness)))
                    Set(mask.X + x, mask.Y + y, colour);
            }
        }
    }

    /// <summary>Draws a line with round ends; of no length it is a disc.</summary>
    /// <param name="from">Where it begins, in pixels.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="radius">Half its thickness.</param>
    /// <param name="colour">Its colour.</param>
    public void Line((double X, double Y) from, (double X, double Y) to, double radius, Colour colour)
    {
        var (left, right) = Reach(from.X, to.X, radius + 1, Width);
        var (top, bottom) = Reach(from.Y, to.Y, radius + 1, Height);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                if (Math.Clamp(radius + 0.5 - Distance((x + 0.5, y + 0.5), from, to), 0, 1) is > 0 and var share)
                    Blend(x, y, colour, share);
            }
        }
    }

    /// <summary>Draws the outline of a rectangle, the line inside of it.</summary>
    public void Outline(int x1, int y1, int x2, int y2, int thickness, Colour colour)
    {
        var across = Math.Min(thickness, x2 - x1);
        var down = Math.Min(thickness, y2 - y1);
        Fill(x1, y1, x2, y1 + down, colour);
        Fill(x1, y2 - down, x2, y2, colour);
        Fill(x1, y1, x1 + across, y2, colour);
        Fill(x2 - across, y1, x2, y2, colour);
    }

    /// <summary>Writes a text; (x, y) is the corner at the top of its capitals.</summary>
    /// <param name="text">The text.</param>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Top of capitals in pixels.</param>
    /// <param name="unit">Pixels of a font unit.</param>
    /// <param name="colour">Its colour.</param>
    public void Write(string text, double x, double y, double unit, Colour colour)
    {
        // Strokes touch each other: the greatest coverage of a pixel counts, not the sum.
        var radius = PenRadius(unit);
        var left = (int)Math.Floor(x - radius) - 1;
        var top = (int)Math.Floor(y - radius) - 1;
        var width = (int)Math.Ceiling(StrokeFont.Width(text) * unit + 2 * radius) + 3;
        var height = (int)Math.Ceiling(StrokeFont.Height * unit + 2 * radius) + 3;
        width = Math.Min(width, Math.Max(0, Width - left));
        var coverage = new double[width * height];
        foreach (var stroke in StrokeFont.Strokes(text))
        {
            Cover(
                coverage, width, height, radius,
                (x + stroke.X1 * unit - left, y + stroke.Y1 * unit - top), (x + stroke.X2 * unit - left, y + stroke.Y2 * unit - top));
        }

        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < width; column++)
            {
                if (coverage[row * width + column] > 0 && left + column >= 0 && top + row >= 0 && top + row < Height)
                    Blend(left + column, top + row, colour, coverage[row * width + column]);
            }
        }
    }

    /// <summary>Half the thickness of strokes in pixels.</summary>
    public static double PenRadius(double unit) => Math.Max(0.6, 0.45 * unit);

    /// <summary>A pixel is covered by how far its centre lies inside of the pen's reach.</summary>
    private static void Cover(double[] coverage, int width, int height, double radius, (double X, double Y) from, (double X, double Y) to)
    {
        var reach = radius + 1;
        var firstColumn = Math.Max(0, (int)(Math.Min(from.X, to.X) - reach));
        var lastColumn = Math.Min(width - 1, (int)(Math.Max(from.X, to.X) + reach));
        var firstRow = Math.Max(0, (int)(Math.Min(from.Y, to.Y) - reach));
        var lastRow = Math.Min(height - 1, (int)(Math.Max(from.Y, to.Y) + reach));
        for (var row = firstRow; row <= lastRow; row++)
        {
            for (var column = firstColumn; column <= lastColumn; column++)
            {
                var distance = Distance((column + 0.5, row + 0.5), from, to);
                ref var covered = ref coverage[row * width + column];
                covered = Math.Max(covered, Math.Clamp(radius + 0.5 - distance, 0, 1));
            }
        }
    }

    /// <summary>From a point to the nearest point of a line.</summary>
    private static double Distance((double X, double Y) point, (double X, double Y) from, (double X, double Y) to)
    {
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var length = dx * dx + dy * dy;
        var along = length == 0 ? 0 : Math.Clamp(((point.X - from.X) * dx + (point.Y - from.Y) * dy) / length, 0, 1);
        return Math.Sqrt(Math.Pow(point.X - from.X - along * dx, 2) + Math.Pow(point.Y - from.Y - along * dy, 2));
    }

    /// <summary>The pixels along an axis that a line can touch.</summary>
    private static (int From, int To) Reach(double a, double b, double reach, int size)
        => ((int)Math.Clamp(Math.Floor(Math.Min(a, b) - reach), 0, size), (int)Math.Clamp(Math.Ceiling(Math.Max(a, b) + reach), 0, size));

    private void Set(int x, int y, Colour colour)
    {
        var at = (y * Width + x) * 3;
        _pixels[at] = colour.Red;
        _pixels[at + 1] = colour.Green;
        _pixels[at + 2] = colour.Blue;
    }

    private void Blend(int x, int y, Colour colour, double share)
    {
        var at = (y * Width + x) * 3;
        _pixels[at] = Mix(_pixels[at], colour.Red, share);
        _pixels[at + 1] = Mix(_pixels[at + 1], colour.Green, share);
        _pixels[at + 2] = Mix(_pixels[at + 2], colour.Blue, share);
    }

    private static byte Mix(byte below, byte above, double share) => (byte)Math.Round(below + (above - below) * share);
}
