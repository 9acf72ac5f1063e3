namespace Serve.Eval.Formats;

/// <summary>Measures of polygons given as x, y, x, y, …, in the unit of the coordinates.</summary>
internal static class PolygonMeasures
{
    /// <summary>The area inside.</summary>
    public static double Area(ReadOnlySpan<double> points) => Math.Abs(SignedArea(points));

    /// <summary>The area inside, positive where the points go clockwise on a picture (y downwards).</summary>
    public static double SignedArea(ReadOnlySpan<double> points)
    {
        var sum = 0.0;
        for (int i = 0, j = points.Length - 2; i + 1 < points.Length; j = i, i += 2)
            sum += (points[j] * points[i + 1]) - (points[i] * points[j + 1]);
        return sum / 2;
    }

    /// <summary>The length of the outline.</summary>
    public static double Perimeter(ReadOnlySpan<double> points)
    {
        var sum = 0.0;
        for (int i = 0, j = points.Length - 2; i + 1 < points.Length; j = i, i += 2)
            sum += Math.Sqrt(Math.Pow(points[i] - points[j], 2) + Math.Pow(points[i + 1] - points[j + 1], 2));
        return sum;
    }
}
