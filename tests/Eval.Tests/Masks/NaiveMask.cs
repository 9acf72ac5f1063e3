using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

/// <summary>Masks as true and false, one for each pixel down the columns: slow and obvious.</summary>
internal sealed record NaiveMask(int Height, int Width, bool[] Pixels)
{
    public long Area => Pixels.Count(inside => inside);

    public bool this[int row, int column] => row >= 0 && row < Height && column >= 0 && column < Width && Pixels[(column * Height) + row];

    public static NaiveMask Of(RunLengths mask)
    {
        var pixels = new bool[mask.Height * mask.Width];
        var (inside, at) = (false, 0);
        foreach (var end in mask.Ends)
        {
            for (; at < end; at++)
                pixels[at] = inside;
            inside = !inside;
        }
        return new(mask.Height, mask.Width, pixels);
    }

    public static NaiveMask From(int height, int width, Func<int, int, bool> inside)
        => new(height, width, [.. Enumerable.Range(0, height * width).Select(at => inside(at % height, at / height))]);

    /// <summary>Walks the outline in steps of a fifth of a pixel, as the reference is known to, and notes every change.</summary>
    public static NaiveMask OfPolygon(double[] polygon, int height, int width)
    {
        (int X, int Y)[] corners = [.. polygon.Chunk(2).Where(pair => pair.Length == 2).Select(pair => ((int)((5 * pair[0]) + .5), (int)((5 * pair[1]) + .5)))];
        List<(int X, int Y)> steps = [.. corners.SelectMany((corner, i) => Steps(corner, corners[(i + 1) % corners.Length]))];
        var isChange = new bool[(height * width) + 1];
        foreach (var ((x, y), (nextX, nextY)) in steps.Zip(steps.Skip(1)))
        {
            var middle = ((Math.Min(x, nextX) + .5) / 5) - .5;
            if (x != nextX && middle == Math.Floor(middle) && middle >= 0 && middle <= width - 1)
                isChange[((int)middle * height) + (int)Math.Ceiling(Math.Clamp(((Math.Min(y, nextY) + .5) / 5) - .5, 0, height))] ^= true;
        }
        var inside = false;
        return new(height, width, [.. isChange.Take(height * width).Select(change => inside ^= change)]);
    }

    public NaiveMask Erode(int distance) => From(Height, Width, (row, column) =>
    {
        if (!this[row, column])
            return false;
        for (var r = row - distance; r <= row + distance; r++)
        {
            for (var c = column - distance; c <= column + distance; c++)
            {
                if (!this[r, c])
                    return false;
            }
        }
        return true;
    });

    public (double X, double Y, double Width, double Height) Box()
    {
        var (rows, columns) = (new List<int>(), new List<int>());
        for (var at = 0; at < Pixels.Length; at++)
        {
            if (!Pixels[at])
                continue;
            rows.Add(at % Height);
            columns.Add(at / Height);
        }
        return rows.Count == 0 ? default : (columns.Min(), rows.Min(), columns.Max() - columns.Min() + 1, rows.Max() - rows.Min() + 1);
    }

    public double Iou(NaiveMask groundTruth, bool isCrowd)
    {
        var common = Pixels.Zip(groundTruth.Pixels).LongCount(pair => pair.First && pair.Second);
        return common == 0 ? 0 : (double)common / (isCrowd ? Area : Area + groundTruth.Area - common);
    }

    private static IEnumerable<(int X, int Y)> Steps((int X, int Y) from, (int X, int Y) to)
    {
        var (width, height) = (Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y));
        var isFlat = width >= height;
        var isTurned = isFlat ? from.X > to.X : from.Y > to.Y;
        var (start, end) = isTurned ? (to, from) : (from, to);
        var slope = isFlat ? (double)(end.Y - start.Y) / width : (double)(end.X - start.X) / height;
        for (var step = 0; step <= Math.Max(width, height); step++)
        {
            var t = isTurned ? Math.Max(width, height) - step : step;
            yield return isFlat ? (start.X + t, (int)(start.Y + (slope * t) + .5)) : ((int)(start.X + (slope * t) + .5), start.Y + t);
        }
    }
}
