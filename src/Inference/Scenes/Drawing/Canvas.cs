using Serve.Inference.Pictures;

namespace Serve.Inference.Scenes.Drawing;

/// <summary>A colour as a function of the pixel's centre.</summary>
internal delegate Rgb Paint(double x, double y);

/// <summary>A picture being drawn, which remembers for each pixel what object is seen there.</summary>
internal sealed class Canvas
{
    private readonly float[] colors; // H x W x 3
    private readonly int[] owners; // H x W

    public Canvas(int width, int height)
    {
        Area = new(0, 0, width, height);
        colors = new float[width * height * 3];
        owners = new int[width * height];
    }

    /// <summary>All pixels.</summary>
    public Area Area { get; }

    /// <summary>What is seen at each pixel, row by row: the number of an object, or 0.</summary>
    public ReadOnlySpan<int> Owners => owners;

    /// <summary>Paints every pixel of an area; nothing is seen there any more.</summary>
    public void Fill(Area area, Paint paint)
    {
        for (var y = area.Top; y < area.Bottom; y++)
        {
            for (var x = area.Left; x < area.Right; x++)
            {
                Set(x, y, paint(x + 0.5, y + 0.5), 1);
                owners[y * Area.Width + x] = 0;
            }
        }
    }

    /// <summary>Paints what is covered.</summary>
    /// <param name="coverage">Where, and how much of each pixel.</param>
    /// <param name="paint">The colour.</param>
    /// <param name="opacity">1 hides what was there, less lets it shine through.</param>
    public void Fill(Coverage coverage, Paint paint, double opacity = 1)
    {
        for (var y = coverage.Area.Top; y < coverage.Area.Bottom; y++)
        {
            var row = coverage.Row(y);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] > 0) Set(coverage.Area.Left + i, y, paint(coverage.Area.Left + i + 0.5, y + 0.5), row[i] * opacity);
            }
        }
    }

    /// <summary>Notes that an object is seen where at least half of a pixel is covered.</summary>
    /// <returns>The number of those pixels.</returns>
    public int Own(Coverage coverage, int owner)
    {
        var count = 0;
        for (var y = coverage.Area.Top; y < coverage.Area.Bottom; y++)
        {
            var row = coverage.Row(y);
            for (var i = 0; i < row.Length; i++)
            {
                if (row[i] < 0.5f) continue;
                owners[y * Area.Width + coverage.Area.Left + i] = owner;
                count++;
            }
        }

        return count;
    }

    /// <summary>Replaces each colour by a function of the pixel and the colour.</summary>
    public void Transform(Func<int, int, Rgb, Rgb> change)
    {
        for (var y = 0; y < Area.Height; y++)
        {
            for (var x = 0; x < Area.Width; x++)
            {
                var at = (y * Area.Width + x) * 3;
                var color = change(x, y, new(colors[at], colors[at + 1], colors[at + 2]));
                (colors[at], colors[at + 1], colors[at + 2]) = ((float)color.R, (float)color.G, (float)color.B);
            }
        }
    }

    /// <summary>Blurs the picture a little, as a lens does: weights 1, 2, 1 across and down, mixed with the sharp picture.</summary>
    /// <param name="strength">0 leaves it sharp, 1 takes the blurred one.</param>
    public void Soften(double strength)
    {
        var stride = Area.Width * 3;
        var sharp = (float[])colors.Clone();
        for (var y = 1; y < Area.Height - 1; y++)
        {
            for (var i = y * stride + 3; i < (y + 1) * stride - 3; i++)
            {
                var blurred = (Across(i - stride) + 2 * Across(i) + Across(i + stride)) / 16;
                colors[i] = (float)(sharp[i] * (1 - strength) + blurred * strength);
            }
        }

        double Across(int i) => sharp[i - 3] + 2.0 * sharp[i] + sharp[i + 3];
    }

    /// <summary>The picture as bytes.</summary>
    public Picture ToPicture() => new(Area.Width, Area.Height, Array.ConvertAll(colors, c => (byte)(Math.Clamp(c, 0, 1) * 255 + 0.5f)));

    private void Set(int x, int y, Rgb color, double share)
    {
        var at = (y * Area.Width + x) * 3;
        colors[at] = (float)(colors[at] * (1 - share) + color.R * share);
        colors[at + 1] = (float)(colors[at + 1] * (1 - share) + color.G * share);
        colors[at + 2] = (float)(colors[at + 2] * (1 - share) + color.B * share);
    }
}
