using System.Numerics.Tensors;
using Serve.Eval.Masks;

namespace Serve.Inference.Decoding;

/// <summary>
/// Enlarges a small grid of mask values bilinearly and writes what lies above a threshold as run lengths, column by column, without a bitmap.
/// </summary>
/// <remarks>
/// Along a column, values between two grid points rise or fall steadily, also in floating point: v = p + d * g with g rising. So a stretch whose ends lie on
/// the same side holds no change, and the one change of the others is found by halving. The runs are those that comparing each pixel would give.
/// </remarks>
internal sealed class MaskCanvas
{
    private float[] _grid = [];
    private float[] _line = [];
    private float[] _coefficients = [];
    private float[] _column = [];
    private float[] _slope = [];
    private float[] _fractions = [];
    private int[] _cells = [];
    private uint[] _changes = new uint[256];
    private int _changeCount;

    /// <summary>Values of the grid, column by column: <c>[column * rows + row]</c>.</summary>
    public Span<float> Grid(int columns, int rows) => Room(ref _grid, columns * rows);

    /// <summary>Room for a row of the grid.</summary>
    public Span<float> Line(int columns) => Room(ref _line, columns);

    /// <summary>Room for the coefficients of a mask.</summary>
    public Span<float> Coefficients(int count) => Room(ref _coefficients, count);

    /// <summary>The mask of what lies above the threshold, inside a rectangle of pixels.</summary>
    /// <param name="columns">Columns of the grid.</param>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="x">Where pixel columns lie on the grid; values beyond the grid are those of its edge.</param>
    /// <param name="y">Where pixel rows lie on the grid.</param>
    /// <param name="pixels">The rectangle: left, top, and the first pixel beyond it.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="threshold">The threshold.</param>
    public RunLengths Draw(int columns, int rows, MaskAxis x, MaskAxis y, (int Left, int Top, int Right, int Bottom) pixels, int width, int height, float threshold)
    {
        _changeCount = 0;
        if (pixels.Left < pixels.Right && pixels.Top < pixels.Bottom)
        {
            var stretches = Stretches(rows, y, pixels.Top, pixels.Bottom);
            var column = Room(ref _column, rows);
            var slope = Room(ref _slope, rows);
            var last = -1;
            for (var pixel = pixels.Left; pixel < pixels.Right; pixel++)
            {
                var (cell, fraction) = x.At(pixel, columns);
                var values = _grid.AsSpan(cell * rows, rows);
                if (cell != last)
                    TensorPrimitives.Subtract(_grid.AsSpan(Math.Min(cell + 1, columns - 1) * rows, rows), values, slope);
                last = cell;
                TensorPrimitives.Multiply(slope, fraction, column);
                TensorPrimitives.Add(column, values, column);
                DrawColumn(column, stretches, pixels.Top, pixels.Bottom, (uint)pixel * (uint)height, threshold);
            }
        }

        return Mask(width, height);
    }

    /// <summary>Rows of pixels between the same two rows of the grid: the grid's row and where each stretch begins.</summary>
    private ReadOnlySpan<int> Stretches(int rows, MaskAxis y, int top, int bottom)
    {
        var fractions = Room(ref _fractions, bottom - top);
        var starts = Room(ref _cells, 2 * (bottom - top));
        var count = 0;
        for (var pixel = top; pixel < bottom; pixel++)
        {
            (var cell, fractions[pixel - top]) = y.At(pixel, rows);
            if (count > 0 && starts[count - 2] == cell)
                continue;
            (starts[count], starts[count + 1]) = (cell, pixel);
            count += 2;
        }

        return starts[..count];
    }

    private void DrawColumn(ReadOnlySpan<float> column, ReadOnlySpan<int> stretches, int top, int bottom, uint origin, float threshold)
    {
        var inside = false;
        for (var s = 0; s < stretches.Length; s += 2)
        {
            var (cell, first) = (stretches[s], stretches[s + 1]);
            var end = s + 2 < stretches.Length ? stretches[s + 3] : bottom;
            var value = column[cell];
            var slope = column[Math.Min(cell + 1, column.Length - 1)] - value;
            var begins = Above(first);
            if (begins != inside)
                Change(origin + (uint)first);
            inside = begins;
            if (Above(end - 1) == begins)
                continue;

            // The first pixel on the other side.
            var (low, high) = (first, end - 1);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (Above(middle) == begins)
                    low = middle;
                else
                    high = middle;
            }

            Change(origin + (uint)high);
            inside = !begins;

            bool Above(int pixel) => value + (slope * _fractions[pixel - top]) > threshold;
        }

        if (inside)
            Change(origin + (uint)bottom);
    }

    /// <summary>Changes between outside and inside at a pixel; two changes at one pixel are none.</summary>
    private void Change(uint pixel)
    {
        if (_changeCount > 0 && _changes[_changeCount - 1] == pixel)
        {
            _changeCount--;
            return;
        }

        if (_changeCount + 1 >= _changes.Length)
            Array.Resize(ref _changes, 2 * _changes.Length);
        _changes[_changeCount++] = pixel;
    }

    private RunLengths Mask(int width, int height)
    {
        var all = (uint)width * (uint)height;
        if (_changeCount == 0 || _changes[_changeCount - 1] != all)
            _changes[_changeCount++] = all;
        for (var i = _changeCount - 1; i > 0; i--)
            _changes[i] -= _changes[i - 1];
        var mask = new RunLengths();
        mask.TrySet(_changes.AsSpan(0, _changeCount), height, width);
        return mask;
    }

    private static Span<T> Room<T>(ref T[] array, int count)
    {
        if (array.Length < count)
            array = new T[Math.Max(count, 2 * array.Length)];
        return array.AsSpan(0, count);
    }
}

/// <summary>Where pixels of the original picture lie along one axis of a mask's grid: (pixel + 0.5) * Scale + Shift - 0.5, in points of the grid.</summary>
internal readonly record struct MaskAxis(double Scale, double Shift)
{
    /// <summary>The grid point before a pixel and how far it is to the next; at the grid's edges as far as they go.</summary>
    public (int Cell, float Fraction) At(int pixel, int points)
    {
        var place = Math.Clamp(((pixel + 0.5) * Scale) + Shift - 0.5, 0, points - 1);
        var cell = (int)place;
        return (cell, (float)(place - cell));
    }
}
