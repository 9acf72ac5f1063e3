using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Joins the polygons of an object into the one ring that a YOLO label holds.</summary>
internal static class YoloRing
{
    /// <summary>
    /// The points of the ring. All polygons turn the same way; each is walked round to its start, whence a bridge of no width leads to the next, and at
    /// the end the bridges are walked back, so that the area is the sum of all.
    /// </summary>
    public static IReadOnlyList<double> Of(PolygonList polygons)
    {
        var ring = new List<double>();
        var starts = new List<(double X, double Y)>();
        foreach (var points in polygons)
        {
            if (points.Length < 2)
                continue;
            AddTurned(ring, points);
            if (polygons.Count == 1)
                return ring;
            starts.Add((points[0], points[1]));
            ring.AddRange([points[0], points[1]]);
        }
        for (var i = starts.Count - 2; i > 0; i--)
            ring.AddRange([starts[i].X, starts[i].Y]);
        return ring;
    }

    private static void AddTurned(List<double> ring, ReadOnlySpan<double> points)
    {
        var forwards = PolygonMeasures.SignedArea(points) >= 0;
        var count = points.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var at = 2 * (forwards || i == 0 ? i : count - i);
            ring.AddRange([points[at], points[at + 1]]);
        }
    }
}
