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
