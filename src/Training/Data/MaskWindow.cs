using Serve.Eval;
using Serve.Eval.Masks;

namespace Serve.Training.Data;

/// <summary>The pixels of an object: a window of the canvas, row by row. Immutable.</summary>
/// <param name="X">Canvas x of the window's left edge.</param>
/// <param name="Y">Canvas y of its top edge.</param>
/// <param name="Width">Width of the window.</param>
/// <param name="Height">Height of the window.</param>
/// <param name="Pixels">Height x Width, 0 or 1.</param>
internal sealed record MaskWindow(int X, int Y, int Width, int Height, byte[] Pixels)
{
    /// <summary>Number of pixels that belong to the object.</summary>
    public int Area => Pixels.AsSpan().Count((byte)1);

    /// <summary>The smallest box around the object's pixels: the right and bottom edges are one past the last pixel. All zero for an empty mask.</summary>
    public Box TightBox => Extent() is var (x1, y1, x2, y2) ? new(X + x1, Y + y1, X + x2, Y + y2) : default;

    /// <summary>Whether a pixel of the canvas belongs to the object.</summary>
    public bool Contains(int x, int y) => (uint)(x - X) < (uint)Width && (uint)(y - Y) < (uint)Height && Pixels[(y - Y) * Width + x - X] != 0;

    /// <summary>Every pixel of a window.</summary>
    public static MaskWindow Full(int x1, int y1, int x2, int y2)
    {
        var pixels = new byte[(x2 - x1) * (y2 - y1)];
        Array.Fill(pixels, (byte)1);
        return new(x1, y1, x2 - x1, y2 - y1, pixels);
    }

    /// <summary>The pixels of a mask that lie in a part of the canvas, in the smallest window around them.</summary>
    /// <param name="mask">A mask of the canvas's size.</param>
    /// <param name="part">The part; edges at the right and bottom are outside.</param>
    public static MaskWindow Of(RunLengths mask, (int X1, int Y1, int X2, int Y2) part)
    {
        var (left, top, width, height) = mask.EnclosingBox();
        var (x1, y1) = (Math.Max((int)left, part.X1), Math.Max((int)top, part.Y1));
        var (x2, y2) = (Math.Min((int)(left + width), part.X2), Math.Min((int)(top + height), part.Y2));
        if (x1 >= x2 || y1 >= y2)
            return new(0, 0, 0, 0, []);

        var pixels = new byte[(x2 - x1) * (y2 - y1)];
        for (var run = 1; run < mask.Ends.Length; run += 2)
        {
            // Down the columns, while the window goes along its rows.
            var (column, row) = Math.DivRem((int)mask.Ends[run - 1], mask.Height);
            for (var rest = (int)(mask.Ends[run] - mask.Ends[run - 1]); rest > 0; column++, row = 0)
            {
                var end = Math.Min(row + rest, mask.Height);
                rest -= end - row;
                if (column < x1 || column >= x2)
                    continue;
                for (var y = Math.Max(row, y1); y < Math.Min(end, y2); y++)
                    pixels[(y - y1) * (x2 - x1) + column - x1] = 1;
            }
        }

        return new MaskWindow(x1, y1, x2 - x1, y2 - y1, pixels).Trimmed();
    }

    /// <summary>All pixels of any of the masks.</summary>
    /// <param name="masks">One or more.</param>
    public static MaskWindow Union(IReadOnlyList<MaskWindow> masks)
    {
        var (x1, y1) = (masks.Min(mask => mask.X), masks.Min(mask => mask.Y));
        var (width, height) = (masks.Max(mask => mask.X + mask.Width) - x1, masks.Max(mask => mask.Y + mask.Height) - y1);
        var pixels = new byte[width * height];
        foreach (var mask in masks)
        {
            for (var y = 0; y < mask.Height; y++)
            {
                var row = mask.Pixels.AsSpan(y * mask.Width, mask.Width);
                var union = pixels.AsSpan((mask.Y - y1 + y) * width + mask.X - x1, mask.Width);
                for (var x = 0; x < row.Length; x++)
                    union[x] |= row[x];
            }
        }

        return new(x1, y1, width, height, pixels);
    }

    /// <summary>The pixels that another mask does not have, in the smallest window around them; this mask itself where it loses none.</summary>
    public MaskWindow Without(MaskWindow other)
    {
        var (x1, y1) = (Math.Max(X, other.X), Math.Max(Y, other.Y));
        var (x2, y2) = (Math.Min(X + Width, other.X + other.Width), Math.Min(Y + Height, other.Y + other.Height));
        byte[]? left = null;
        for (var y = y1; y < y2; y++)
        {
            for (var x = x1; x < x2; x++)
            {
                var at = (y - Y) * Width + x - X;
                if (Pixels[at] != 0 && other.Contains(x, y))
                    (left ??= [.. Pixels])[at] = 0;
            }
        }

        return left is null ? this : (this with { Pixels = left }).Trimmed();
    }

    /// <summary>The same pixels in the smallest window around them.</summary>
    public MaskWindow Trimmed()
    {
        if (Extent() is not var (x1, y1, x2, y2))
            return new(X, Y, 0, 0, []);
        if ((x1, y1, x2, y2) == (0, 0, Width, Height))
            return this;
        var pixels = new byte[(x2 - x1) * (y2 - y1)];
        for (var y = y1; y < y2; y++)
            Pixels.AsSpan(y * Width + x1, x2 - x1).CopyTo(pixels.AsSpan((y - y1) * (x2 - x1)));
        return new(X + x1, Y + y1, x2 - x1, y2 - y1, pixels);
    }

    // In pixels of the window; null for an empty mask.
    private (int X1, int Y1, int X2, int Y2)? Extent()
    {
        var (x1, y1, x2, y2) = (int.MaxValue, int.MaxValue, 0, 0);
        for (var y = 0; y < Height; y++)
        {
            var row = Pixels.AsSpan(y * Width, Width);
            var first = row.IndexOf((byte)1);
            if (first < 0)
                continue;
            (x1, x2) = (Math.Min(x1, first), Math.Max(x2, row.LastIndexOf((byte)1) + 1));
            (y1, y2) = (Math.Min(y1, y), y + 1);
        }

        return y2 == 0 ? null : (x1, y1, x2, y2);
    }
}
