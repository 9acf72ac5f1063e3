namespace Serve.Eval.Masks;

/// <summary>The polygons of one mask, numbers as the file has them.</summary>
/// <param name="numbers">Coordinates of all polygons, one polygon after another: x, y, x, y, …, pixels.</param>
/// <param name="lengths">How many numbers each polygon has.</param>
public readonly ref struct PolygonList(ReadOnlySpan<double> numbers, ReadOnlySpan<int> lengths)
{
    /// <summary>Coordinates of all polygons.</summary>
    public ReadOnlySpan<double> Numbers { get; } = numbers;

    /// <summary>How many numbers each polygon has.</summary>
    public ReadOnlySpan<int> Lengths { get; } = lengths;

    /// <summary>Number of polygons.</summary>
    public int Count => Lengths.Length;

    /// <summary>Walks through the polygons.</summary>
    public Enumerator GetEnumerator() => new(Numbers, Lengths);

    /// <summary>The smallest box (COCO xywh) around all points; false where there is none, or a coordinate is no number.</summary>
    internal bool TryBox(out (double X, double Y, double Width, double Height) box)
    {
        var (left, top, right, bottom) = (double.MaxValue, double.MaxValue, double.MinValue, double.MinValue);
        foreach (var polygon in this)
        {
            for (var i = 0; i + 1 < polygon.Length; i += 2)
            {
                (left, right) = (Math.Min(left, polygon[i]), Math.Max(right, polygon[i]));
                (top, bottom) = (Math.Min(top, polygon[i + 1]), Math.Max(bottom, polygon[i + 1]));
            }
        }
        box = (left, top, right - left, bottom - top);
        return left <= right && top <= bottom;
    }

    /// <summary>A place in the list.</summary>
    public ref struct Enumerator(ReadOnlySpan<double> numbers, ReadOnlySpan<int> lengths)
    {
        private readonly ReadOnlySpan<int> lengths = lengths;
        private ReadOnlySpan<double> rest = numbers;
        private int next;

        /// <summary>Coordinates of the polygon: x, y, x, y, ….</summary>
        public ReadOnlySpan<double> Current { get; private set; }

        /// <summary>Goes to the next polygon; false when there is none.</summary>
        public bool MoveNext()
        {
            if (next == lengths.Length)
                return false;
            var length = lengths[next++];
            Current = rest[..length];
            rest = rest[length..];
            return true;
        }
    }
}
