namespace Serve.Inference.Scenes.Drawing;

/// <summary>How much of each pixel lies inside some outlines: the exact area, 0..1.</summary>
/// <remarks>
/// Signed areas are accumulated edge by edge and summed along each row, as font rasterisers do. Outlines that go the same way around
/// unite, one that goes the other way cuts a hole.
/// </remarks>
internal sealed class Coverage
{
    private readonly float[] shares;

    private Coverage(Area area, float[] shares) => (Area, this.shares) = (area, shares);

    /// <summary>The pixels that may be covered.</summary>
    public Area Area { get; }

    /// <summary>Covered shares of the pixels in a row of the area, from left to right.</summary>
    public Span<float> Row(int y) => shares.AsSpan((y - Area.Top) * Area.Width, Area.Width);

    /// <summary>Covers what lies inside outlines.</summary>
    /// <param name="outlines">Closed outlines in pixels.</param>
    /// <param name="clip">Nothing outside of it is covered.</param>
    /// <param name="margin">Empty pixels kept around, for a later blur.</param>
    public static Coverage Of(IReadOnlyList<Vec[]> outlines, Area clip, int margin = 0)
    {
        var area = clip.Around(outlines).Grown(margin, clip);
        var shares = new float[area.Width * area.Height];
        if (shares.Length == 0) return new(area, shares);

        // Each row has a cell more, for what an edge in the last pixel leaves to the right of it.
        var stride = area.Width + 2;
        var sums = new double[stride * area.Height];
        foreach (var outline in outlines)
        {
            for (var i = 0; i < outline.Length; i++)
                AddSplitEdge(sums, stride, area, outline[i], outline[(i + 1) % outline.Length]);
        }

        for (var y = 0; y < area.Height; y++)
        {
            double sum = 0;
            for (var x = 0; x < area.Width; x++)
            {
                sum += sums[y * stride + x];
                shares[y * area.Width + x] = (float)Math.Min(1, Math.Abs(sum));
            }
        }

        return new(area, shares);
    }

    /// <summary>Softens the edge: three passes of a mean over a square, near to a Gaussian.</summary>
    public void Blur(int radius)
    {
        if (radius < 1) return;
        for (var pass = 0; pass < 3; pass++) BoxBlur.Apply(shares, Area.Width, Area.Height, radius);
    }

    // An edge that leaves the area sideways is split there: what lies left of it covers whole rows, what lies right of it nothing.
    private static void AddSplitEdge(double[] sums, int stride, Area area, Vec from, Vec to)
    {
        foreach (var border in (ReadOnlySpan<int>)[area.Left, area.Right])
        {
            if ((from.X < border) == (to.X < border)) continue;
            var crossing = from.Toward(to, (border - from.X) / (to.X - from.X)) with { X = border };
            if (crossing == from || crossing == to) continue;
            AddSplitEdge(sums, stride, area, from, crossing);
            AddSplitEdge(sums, stride, area, crossing, to);
            return;
        }

        AddEdge(sums, stride, area, from, to);
    }

    private static void AddEdge(double[] sums, int stride, Area area, Vec from, Vec to)
    {
        if (from.Y == to.Y) return;
        var direction = from.Y < to.Y ? 1.0 : -1.0;
        var (upper, lower) = from.Y < to.Y ? (from, to) : (to, from);
        var slope = (lower.X - upper.X) / (lower.Y - upper.Y);
        var (top, bottom) = (Math.Max(upper.Y, area.Top), Math.Min(lower.Y, area.Bottom));
        for (var y = (int)Math.Floor(top); y < bottom; y++)
        {
            var (y1, y2) = (Math.Max(top, y), Math.Min(bottom, y + 1));
            var x1 = Math.Clamp(upper.X + (y1 - upper.Y) * slope - area.Left, 0, area.Width);
            var x2 = Math.Clamp(upper.X + (y2 - upper.Y) * slope - area.Left, 0, area.Width);
            AddToRow(sums.AsSpan((y - area.Top) * stride, stride), Math.Min(x1, x2), Math.Max(x1, x2), (y2 - y1) * direction);
        }
    }

    // An edge between x1 and x2 in one row, of the given signed height: all to the right of it is covered by that height,
    // and the pixels it crosses by the part of them to its right.
    private static void AddToRow(Span<double> row, double x1, double x2, double height)
    {
        var first = (int)x1;
        if (x2 <= first + 1)
        {
            var left = (x1 + x2) / 2 - first;
            row[first] += height * (1 - left);
            row[first + 1] += height * left;
            return;
        }

        var perPixel = height / (x2 - x1);
        double covered = 0;
        for (var x = first; x < x2; x++)
        {
            // The share of the edge within this pixel, and how much of the pixel lies right of the edge so far.
            var (enter, leave) = (Math.Max(x1, x), Math.Min(x2, x + 1));
            var inside = (leave - enter) * perPixel;
            var share = inside * (x + 1 - (enter + leave) / 2) + (enter - x1) * perPixel;
            row[x] += share - covered;
            covered = share;
        }

        row[(int)Math.Ceiling(x2)] += height - covered;
    }
}
