using System.Runtime.CompilerServices;

namespace Serve.Eval.Datasets;

/// <summary>
/// Keypoints of many objects or detections, a row each, in pixels of the original image. A row without keypoints is empty. Rows may differ in their number.
/// </summary>
/// <remarks>
/// Compact: where all values of a row are exactly float32 numbers, as detectors and annotators mostly write them, they take four bytes each, otherwise
/// eight; and where all have the same v, it is kept once. What is read is the very double that was added. Not safe for writing from several threads;
/// reading is, while nobody writes.
/// </remarks>
public sealed class KeypointTable
{
    /// <summary>Values of one keypoint: x, y and v (0 not labelled, 1 labelled and hidden, 2 visible; for detections often a score).</summary>
    public const int Values = 3;

    private readonly ColumnBlocks<float> singles = new();
    private readonly ColumnBlocks<double> doubles = new();
    private readonly ColumnBlocks<Row> rows = new();

    /// <summary>Where a row's values are: all x, all y, then all v, or one. Negative for a place in <see cref="doubles"/>, as its complement.</summary>
    /// <param name="Start">Place of the first value.</param>
    /// <param name="SignedCount">Number of keypoints; negative where v is kept once. 16 bytes a row, of which there are many.</param>
    /// <param name="Labelled">The file's <c>num_keypoints</c>.</param>
    private readonly record struct Row(long Start, int SignedCount, int Labelled)
    {
        public int Count => Math.Abs(SignedCount);

        public int Length => (2 * Count) + (SignedCount < 0 ? 1 : Count);
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Number of keypoints of a row.</summary>
    public int CountOf(int row) => RowAt(row).Count;

    /// <summary>The file's <c>num_keypoints</c> of a row; -1 where the file has none.</summary>
    public int LabelledOf(int row) => RowAt(row).Labelled;

    /// <summary>Appends a row without keypoints.</summary>
    /// <param name="labelled">The file's <c>num_keypoints</c>; -1 for none.</param>
    public void AddNone(int labelled = -1) => Add(new Row(0, 0, labelled));

    /// <summary>Appends a row.</summary>
    /// <param name="values">x, y, v of each keypoint in turn; a multiple of three.</param>
    /// <param name="labelled">The file's <c>num_keypoints</c>; -1 for none.</param>
    public void Add(ReadOnlySpan<double> values, int labelled = -1)
    {
        if (values.Length % Values != 0)
            throw new ArgumentException($"{values.Length} values; keypoints have three each.", nameof(values));
        if (values.IsEmpty)
        {
            AddNone(labelled);
            return;
        }
        var count = values.Length / Values;
        var areSingles = Split(values, singles.Add(values.Length, out var start), out var hasOneV);
        if (!areSingles)
        {
            singles.TakeBack(values.Length);
            Split(values, doubles.Add(values.Length, out start));
            start = ~start;
        }
        if (hasOneV && areSingles)
            singles.TakeBack(count - 1);
        else if (hasOneV)
            doubles.TakeBack(count - 1);
        Add(new Row(start, hasOneV ? -count : count, labelled));
    }

    /// <summary>Copies a row's values: x, y, v of each keypoint in turn.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">At least three times <see cref="CountOf"/> long.</param>
    public void CopyTo(int row, Span<double> values)
    {
        var found = RowAt(row);
        values = values[..(found.Count * Values)];
        if (found.Start >= 0)
            Spread(singles.Read(found.Start, found.Length), found.Count, values);
        else
            Spread(doubles.Read(~found.Start, found.Length), found.Count, values);
    }

    /// <summary>Appends all rows of another table, in its order.</summary>
    public void Append(KeypointTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // The count is read once: a table may be appended to itself.
        for (int i = 0, added = other.Count; i < added; i++)
        {
            var row = other.rows[i];
            long start = 0;
            if (row.Start >= 0 && row.Count > 0)
                other.singles.Read(row.Start, row.Length).CopyTo(singles.Add(row.Length, out start));
            else if (row.Count > 0)
            {
                other.doubles.Read(~row.Start, row.Length).CopyTo(doubles.Add(row.Length, out start));
                start = ~start;
            }
            Add(row with { Start = start });
        }
    }

    /// <summary>Forgets all rows, and keeps the memory.</summary>
    internal void Clear()
    {
        singles.Clear();
        doubles.Clear();
        rows.Clear();
        Count = 0;
    }

    // Answers whether the numbers stay the same; looks also whether all v are the same.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Split(ReadOnlySpan<double> from, Span<float> to, out bool hasOneV)
    {
        var count = from.Length / Values;
        var xs = to[..count];
        var ys = to.Slice(count, count);
        var vs = to.Slice(2 * count, count);
        var (firstV, differ, fit) = (BitConverter.DoubleToInt64Bits(from[2]), 0L, true);
        for (var i = 0; i < count; i++)
        {
            var (x, y, v) = (from[Values * i], from[(Values * i) + 1], from[(Values * i) + 2]);
            (xs[i], ys[i], vs[i]) = ((float)x, (float)y, (float)v);
            fit &= xs[i] == x & ys[i] == y & vs[i] == v;
            differ |= BitConverter.DoubleToInt64Bits(v) ^ firstV;
        }
        hasOneV = differ == 0;
        return fit;
    }

    private static void Split(ReadOnlySpan<double> from, Span<double> to)
    {
        var count = from.Length / Values;
        for (var i = 0; i < count; i++)
            (to[i], to[count + i], to[(2 * count) + i]) = (from[Values * i], from[(Values * i) + 1], from[(Values * i) + 2]);
    }

    private static void Spread(ReadOnlySpan<float> from, int count, Span<double> to)
    {
        var lastV = from.Length - 1;
        for (var i = 0; i < count; i++)
            (to[Values * i], to[(Values * i) + 1], to[(Values * i) + 2]) = (from[i], from[count + i], from[Math.Min((2 * count) + i, lastV)]);
    }

    private static void Spread(ReadOnlySpan<double> from, int count, Span<double> to)
    {
        var lastV = from.Length - 1;
        for (var i = 0; i < count; i++)
            (to[Values * i], to[(Values * i) + 1], to[(Values * i) + 2]) = (from[i], from[count + i], from[Math.Min((2 * count) + i, lastV)]);
    }

    private Row RowAt(int row)
    {
        if ((uint)row >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(row), $"row {row}: must be at least 0 and less than {Count}.");
        return rows[row];
    }

    private void Add(Row row)
    {
        rows.Add(1, out _)[0] = row;
        Count = checked(Count + 1);
    }
}
