using System.Runtime.CompilerServices;

namespace Serve.Eval.Datasets;

/// <summary>
/// Keypoints of many objects or detections, a row each, in pixels of the original image. A row without keypoints is empty. Rows may differ in their number.
/// </summary>
/// <remarks>
/// Compact: values that are exactly float32 numbers, as detectors and annotators mostly write them, take four bytes, others eight. What is read is the very
/// double that was added. Not safe for writing from several threads.
/// </remarks>
public sealed class KeypointTable
{
    /// <summary>Values of one keypoint: x, y and v (0 not labelled, 1 labelled and hidden, 2 visible; for detections often a score).</summary>
    public const int Values = 3;

    private readonly ColumnBlocks<float> singles = new();
    private readonly ColumnBlocks<double> doubles = new();
    private readonly ColumnBlocks<Row> rows = new();

    /// <summary>Where a row's values are. Counts from zero; a negative start is a place in <see cref="doubles"/>, as its complement.</summary>
    private readonly record struct Row(long Start, int Count, int Labelled);

    /// <summary>Number of rows.</summary>
    public int Count => checked((int)rows.Count);

    /// <summary>Number of keypoints of a row.</summary>
    public int CountOf(int row) => rows[row].Count;

    /// <summary>The file's <c>num_keypoints</c> of a row; -1 where the file has none.</summary>
    public int LabelledOf(int row) => rows[row].Labelled;

    /// <summary>Appends a row without keypoints.</summary>
    /// <param name="labelled">The file's <c>num_keypoints</c>; -1 for none.</param>
    public void AddNone(int labelled = -1) => rows.Add(new(0, 0, labelled));

    /// <summary>Appends a row.</summary>
    /// <param name="values">x, y, v of each keypoint in turn; a multiple of three.</param>
    /// <param name="labelled">The file's <c>num_keypoints</c>; -1 for none.</param>
    public void Add(ReadOnlySpan<double> values, int labelled = -1)
    {
        if (values.Length % Values != 0)
            throw new ArgumentException($"{values.Length} values; keypoints have three each.", nameof(values));
        if (FitSingles(values))
        {
            rows.Add(new(singles.Count, values.Length / Values, labelled));
            foreach (var value in values)
                singles.Add((float)value);
            return;
        }
        rows.Add(new(~doubles.Count, values.Length / Values, labelled));
        foreach (var value in values)
            doubles.Add(value);
    }

    /// <summary>Copies a row's values: x, y, v of each keypoint in turn.</summary>
    /// <param name="row">The row.</param>
    /// <param name="values">At least three times <see cref="CountOf"/> long.</param>
    public void CopyTo(int row, Span<double> values)
    {
        var (start, count, _) = rows[row];
        for (var i = 0; i < count * Values; i++)
            values[i] = start >= 0 ? singles[start + i] : doubles[~start + i];
    }

    /// <summary>Appends all rows of another table, in its order.</summary>
    public void Append(KeypointTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (firstSingle, firstDouble) = (singles.Count, doubles.Count);
        var count = other.Count;
        for (var i = 0; i < count; i++)
        {
            var row = other.rows[i];
            rows.Add(row with { Start = row.Start >= 0 ? row.Start + firstSingle : row.Start - firstDouble });
        }
        singles.Append(other.singles);
        doubles.Append(other.doubles);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FitSingles(ReadOnlySpan<double> values)
    {
        var fit = true;
        foreach (var value in values)
            fit &= BitConverter.DoubleToInt64Bits((float)value) == BitConverter.DoubleToInt64Bits(value);
        return fit;
    }
}
