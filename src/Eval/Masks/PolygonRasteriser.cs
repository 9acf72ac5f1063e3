using System.Numerics;
using System.Runtime.CompilerServices;

namespace Serve.Eval.Masks;

/// <summary>
/// Draws polygons as the COCO API does: the outline is walked in steps of a fifth of a pixel, and where it passes the middle of a column, all
/// pixels below change between outside and inside.
/// </summary>
/// <remarks>
/// The reference lists every step of the outline and sorts what changes. Here each edge answers directly at which rows it passes its columns,
/// several at once, from the same formula and with the same rounding; what is sorted is the few rows of one column.
/// Not safe for use by several threads.
/// </remarks>
internal sealed class PolygonRasteriser
{
    /// <summary>Coordinates up to this far from zero can be drawn.</summary>
    public const double FarthestCoordinate = (1 << 30) / Scale;

    private const int Scale = 5;
    // Steps from a pixel's edge to its middle.
    private const int Middle = Scale / 2;
    private const int LongestInsertionSort = 16;

    private Point[] points = [];
    // Columns that the edges pass, counted from the polygon's first, and all their rows, edge after edge.
    private Pass[] passes = [];
    private double[] rows = [];
    private int passCount;
    private int rowCount;
    // The rows by column, and where those of a column start.
    private uint[] byColumn = [];
    private int[] starts = [];

    /// <summary>Draws a polygon.</summary>
    /// <param name="polygon">x, y, x, y, … in pixels; a lone last number is left out. No number beyond <see cref="FarthestCoordinate"/>.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <param name="mask">Is filled with the polygon's pixels.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(ReadOnlySpan<double> polygon, int height, int width, RunLengths mask)
    {
        mask.Clear(height, width);
        var outline = Upsample(polygon, out var lowest, out var highest);
        var left = FirstColumn(lowest);
        var columns = Math.Min(LastColumn(highest), width - 1) - left + 1;
        if (columns > 0 && height > 0)
        {
            PassEdges(outline, left, columns, height);
            SortByColumn(columns);
            Collect(mask.Reserve(rowCount), mask, left, columns);
        }
        // A change at the very end is none.
        var pixels = (uint)height * (uint)width;
        if (mask.Count == 0 || mask.Ends[^1] != pixels)
            mask.Add(pixels);
    }

    private ReadOnlySpan<Point> Upsample(ReadOnlySpan<double> polygon, out int lowest, out int highest)
    {
        var count = polygon.Length / 2;
        if (points.Length <= count)
            (points, passes) = (new Point[Math.Max(count + 1, 2 * points.Length)], new Pass[Math.Max(count + 1, 2 * points.Length)]);
        // Without a corner no column is passed.
        (lowest, highest) = count == 0 ? (0, 0) : (int.MaxValue, int.MinValue);
        for (var i = 0; i < count; i++)
        {
            var x = (int)((Scale * polygon[2 * i]) + .5);
            points[i] = new(x, (int)((Scale * polygon[(2 * i) + 1]) + .5));
            (lowest, highest) = (Math.Min(lowest, x), Math.Max(highest, x));
        }
        points[count] = points[0];
        return points.AsSpan(0, count + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PassEdges(ReadOnlySpan<Point> outline, int left, int columns, int height)
    {
        (passCount, rowCount) = (0, 0);
        for (var i = 0; i + 1 < outline.Length; i++)
        {
            var (a, b) = (outline[i], outline[i + 1]);
            var first = FirstColumn(Math.Min(a.X, b.X));
            var last = Math.Min(LastColumn(Math.Max(a.X, b.X)), left + columns - 1);
            if (first > last)
                continue;
            passes[passCount++] = new(first - left, last - left);
            var count = last - first + 1;
            // Whole vectors are written.
            if (rows.Length - rowCount < count + Vector<double>.Count)
                Array.Resize(ref rows, Math.Max(rowCount + count + Vector<double>.Count, 2 * rows.Length));
            var passed = rows.AsSpan(rowCount);
            if (Math.Abs(b.X - a.X) >= Math.Abs(b.Y - a.Y))
                PassFlat(a.X <= b.X ? a : b, a.X <= b.X ? b : a, first, count, height, passed);
            else
                PassSteep(a.Y <= b.Y ? a : b, a.Y <= b.Y ? b : a, first, count, height, passed);
            rowCount += count;
        }
    }

    // A flat edge takes one step right at a time; its height there is rounded. Of the two steps around the middle, the upper one counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PassFlat(Point from, Point to, int first, int count, double height, Span<double> passed)
    {
        var slope = (double)(to.Y - from.Y) / (to.X - from.X);
        var steps = Vector.CreateSequence((double)((Scale * first) + Middle - from.X + (slope < 0 ? 1 : 0)), Scale);
        for (var i = 0; i < count; i += Vector<double>.Count)
        {
            var y = new Vector<double>(from.Y) + (slope * steps) + new Vector<double>(.5);
            Rows(Vector.Truncate(y), height).CopyTo(passed[i..]);
            steps += new Vector<double>(Scale * Vector<double>.Count);
        }
    }

    // A steep edge takes one step down at a time; its column is rounded. The step before it crosses the middle counts.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PassSteep(Point from, Point to, int first, int count, double height, Span<double> passed)
    {
        var (dx, dy) = ((double)(to.X - from.X), (double)(to.Y - from.Y));
        var (slope, inverse) = (dx / dy, dy / dx);
        var (x, half) = (new Vector<double>(from.X), new Vector<double>(.5));
        var rising = slope > 0 ? Vector<long>.AllBitsSet : Vector<long>.Zero;
        var borders = Vector.CreateSequence((double)((Scale * first) + Middle + 1), Scale);
        for (var i = 0; i < count; i += Vector<double>.Count)
        {
            // The guess is at most a step off, by rounding; the reference's own formula decides.
            var steps = Vector.Floor((borders - half - x) * inverse);
            var isBehind = Vector.GreaterThanOrEqual(x + (slope * steps) + half, borders);
            steps -= Vector.ConditionalSelect(isBehind ^ ~rising, Vector<double>.One, Vector<double>.Zero);
            isBehind = Vector.GreaterThanOrEqual(x + (slope * (steps + Vector<double>.One)) + half, borders);
            steps += Vector.ConditionalSelect(isBehind ^ rising, Vector<double>.One, Vector<double>.Zero);
            Rows(steps + new Vector<double>(from.Y), height).CopyTo(passed[i..]);
            borders += new Vector<double>(Scale * Vector<double>.Count);
        }
    }

    // The first row whose middle lies at or below y; the height where none does. Adding half a step keeps the fraction clear of whole numbers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Rows(Vector<double> y, double height)
        => Vector.Min((Vector.Max(y, Vector<double>.Zero) + new Vector<double>(Middle + .5)) * (1.0 / Scale), new Vector<double>(height));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SortByColumn(int columns)
    {
        if (starts.Length <= columns)
            starts = new int[Math.Max(columns + 1, 2 * starts.Length)];
        if (byColumn.Length < rowCount)
            byColumn = new uint[Math.Max(rowCount, 2 * byColumn.Length)];
        var next = starts.AsSpan(0, columns + 1);
        next.Clear();
        foreach (var pass in passes.AsSpan(0, passCount))
        {
            next[pass.First]++;
            next[pass.Last + 1]--;
        }
        var (height, start) = (0, 0);
        foreach (ref var column in next)
        {
            height += column;
            column = start;
            start += height;
        }
        var at = 0;
        foreach (var pass in passes.AsSpan(0, passCount))
        {
            foreach (ref var column in next[pass.First..(pass.Last + 1)])
                byColumn[column++] = (uint)rows[at++];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Collect(Span<uint> ends, RunLengths mask, int left, int columns)
    {
        var (from, count) = (0, 0);
        for (var column = 0; column < columns; column++)
        {
            // Where the next column starts, now that this one is full.
            var to = starts[column];
            var changes = byColumn.AsSpan(from, to - from);
            var columnStart = (uint)(left + column) * (uint)mask.Height;
            from = to;
            // Most columns are passed twice.
            if (changes.Length == 2)
            {
                Toggle(ends, ref count, columnStart + Math.Min(changes[0], changes[1]));
                Toggle(ends, ref count, columnStart + Math.Max(changes[0], changes[1]));
                continue;
            }
            Sort(changes);
            foreach (var row in changes)
                Toggle(ends, ref count, columnStart + row);
        }
        mask.Count = count;
    }

    // Two changes at one place are none; the end of a column is the start of the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Toggle(Span<uint> ends, ref int count, uint pixel)
    {
        if (count > 0 && ends[count - 1] == pixel)
            count--;
        else
            ends[count++] = pixel;
    }

    private static void Sort(Span<uint> changes)
    {
        if (changes.Length > LongestInsertionSort)
        {
            changes.Sort();
            return;
        }
        for (var i = 1; i < changes.Length; i++)
        {
            var (change, at) = (changes[i], i);
            for (; at > 0 && changes[at - 1] > change; at--)
                changes[at] = changes[at - 1];
            changes[at] = change;
        }
    }

    /// <summary>First column whose middle lies right of an upsampled x.</summary>
    private static int FirstColumn(int x) => (Math.Max(x - Middle, 0) + Scale - 1) / Scale;

    /// <summary>Last column whose middle lies left of an upsampled x; -1 where none does.</summary>
    private static int LastColumn(int x) => x <= Middle ? -1 : (x - Middle - 1) / Scale;

    /// <summary>A corner, in fifths of a pixel.</summary>
    private readonly record struct Point(int X, int Y);

    /// <summary>The columns whose middles an edge passes.</summary>
    private readonly record struct Pass(int First, int Last);
}
