using Serve.Eval.Masks;

namespace Serve.Inference.Masks;

/// <summary>The pixels of one object: a window of the image, row by row.</summary>
/// <param name="X">Left edge of the window in the image.</param>
/// <param name="Y">Its top edge.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Pixels">Height x Width; the window is tight.</param>
internal sealed record BitMask(int X, int Y, int Width, int Height, bool[] Pixels)
{
    /// <summary>Number of pixels.</summary>
    public int Area => Pixels.AsSpan().Count(true);

    /// <summary>Whether a pixel, given in the window, belongs to the object; outside of the window none does.</summary>
    public bool At(int x, int y) => x >= 0 && y >= 0 && x < Width && y < Height && Pixels[y * Width + x];

    /// <summary>The pixels of a mask, in the smallest window around them; of no size when there are none.</summary>
    public static BitMask Of(RunLengths mask)
    {
        var (left, top, width, height) = mask.EnclosingBox();
        var window = new BitMask((int)left, (int)top, (int)width, (int)height, new bool[(int)width * (int)height]);
        for (var run = 1; run < mask.Ends.Length; run += 2)
        {
            // Down the columns, while the window goes along its rows.
            for (var pixel = mask.Ends[run - 1]; pixel < mask.Ends[run]; pixel++)
            {
                var (column, row) = Math.DivRem(pixel, (uint)mask.Height);
                window.Pixels[(((int)row - window.Y) * window.Width) + (int)column - window.X] = true;
            }
        }

        return window;
    }

    /// <summary>The pixels of each object that are seen in an image.</summary>
    /// <param name="owners">For each pixel of the image the number of an object, or 0.</param>
    /// <param name="imageWidth">Width of the image.</param>
    /// <returns>Masks by number; objects that are not seen are absent.</returns>
    public static Dictionary<int, BitMask> Find(ReadOnlySpan<int> owners, int imageWidth)
    {
        var windows = new Dictionary<int, (int X1, int Y1, int X2, int Y2)>();
        for (var i = 0; i < owners.Length; i++)
        {
            if (owners[i] == 0) continue;
            var (x, y) = (i % imageWidth, i / imageWidth);
            windows[owners[i]] = windows.TryGetValue(owners[i], out var w)
                ? (Math.Min(w.X1, x), w.Y1, Math.Max(w.X2, x), y)
                : (x, y, x, y);
        }

        var masks = new Dictionary<int, BitMask>(windows.Count);
        foreach (var (owner, (x1, y1, x2, y2)) in windows)
        {
            var (width, height) = (x2 - x1 + 1, y2 - y1 + 1);
            var pixels = new bool[width * height];
            for (var y = 0; y < height; y++)
            {
                var row = owners.Slice((y1 + y) * imageWidth + x1, width);
                for (var x = 0; x < width; x++) pixels[y * width + x] = row[x] == owner;
            }

            masks.Add(owner, new(x1, y1, width, height, pixels));
        }

        return masks;
    }
}
