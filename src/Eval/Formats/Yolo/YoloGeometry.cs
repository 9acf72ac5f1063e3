using Serve.Eval.Datasets;

namespace Serve.Eval.Formats.Yolo;

/// <summary>From fractions of a picture's size to pixels.</summary>
internal static class YoloGeometry
{
    /// <summary>The box of centre x, centre y, width and height.</summary>
    public static Box Box(ReadOnlySpan<double> fractions, ImageEntry image)
    {
        var (x, y) = (fractions[0] * image.Width, fractions[1] * image.Height);
        var (width, height) = (fractions[2] * image.Width, fractions[3] * image.Height);
        return Eval.Box.FromCocoXywh(x - (width / 2), y - (height / 2), width, height);
    }

    /// <summary>The points of a polygon in pixels.</summary>
    public static double[] Pixels(ReadOnlySpan<double> fractions, ImageEntry image)
    {
        var pixels = new double[fractions.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = fractions[i] * (i % 2 == 0 ? image.Width : image.Height);
        return pixels;
    }

    /// <summary>The box around a polygon.</summary>
    public static Box Around(ReadOnlySpan<double> fractions, ImageEntry image)
    {
        var (x1, y1, x2, y2) = (double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);
        for (var i = 0; i < fractions.Length; i += 2)
        {
            var (x, y) = (fractions[i] * image.Width, fractions[i + 1] * image.Height);
            (x1, y1, x2, y2) = (Math.Min(x1, x), Math.Min(y1, y), Math.Max(x2, x), Math.Max(y2, y));
        }
        return new(x1, y1, x2, y2);
    }

    /// <summary>The area of a polygon in square pixels.</summary>
    public static double Area(ReadOnlySpan<double> fractions, ImageEntry image) => PolygonMeasures.Area(Pixels(fractions, image));
}
