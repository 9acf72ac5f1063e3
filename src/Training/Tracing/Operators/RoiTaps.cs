using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>A map that boxes are pooled from.</summary>
/// <param name="Images">Images B.</param>
/// <param name="Height">Rows of cells.</param>
/// <param name="Width">Columns of cells.</param>
/// <param name="Stride">Input pixels between two cells.</param>
internal readonly record struct RoiMap(long Images, long Height, long Width, int Stride)
{
    /// <summary>The first cell of each map, where the cells of all maps and images stand in one row.</summary>
    public static long[] Starts(IReadOnlyList<RoiMap> maps)
    {
        var starts = new long[maps.Count];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + maps[i - 1].Images * maps[i - 1].Height * maps[i - 1].Width;
        return starts;
    }
}

/// <summary>Which cells the bins of boxes are made of, and with what weights.</summary>
/// <remarks>
/// A plain loop, as a box needs few cells and each another number of them: rectangles of tensors would have to be as long as the largest box needs.
/// The bins of one axis do not depend on the other, so that a box costs two lists of cells and their products.
/// </remarks>
internal static class RoiTaps
{
    /// <summary>The rows of each bin and their weights, bin after bin.</summary>
    /// <param name="maps">The L maps.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64.</param>
    /// <param name="level">[S] int64.</param>
    /// <param name="size">Bins along an axis.</param>
    /// <param name="sampling">Samples along an axis of a bin; 0 takes as many as the bin has cells, rounded up.</param>
    /// <param name="aligned">The convention of <see cref="RoiAlign"/>.</param>
    /// <returns>Rows [P] int64, their weights [P], and where each bin starts, [S size size] int64.</returns>
    public static (Tensor Index, Tensor Weights, Tensor? Starts) Of(
        IReadOnlyList<RoiMap> maps, Tensor boxes, Tensor images, Tensor level, int size, int sampling, bool aligned)
    {
        using var scope = NewDisposeScope();
        var corners = MemoryMarshal.Cast<byte, float>(boxes.detach().to(float32).contiguous().bytes);
        var ofImage = MemoryMarshal.Cast<byte, long>(images.contiguous().bytes);
        var ofLevel = MemoryMarshal.Cast<byte, long>(level.contiguous().bytes);
        var (count, first) = (ofImage.Length, RoiMap.Starts(maps));
        var (vertical, horizontal) = (new RoiAxis(count * size), new RoiAxis(count * size));
        var total = 0L;
        for (var box = 0; box < count; box++)
        {
            var (map, y, x) = (maps[(int)ofLevel[box]], vertical.Count, horizontal.Count);
            vertical.Add(corners[box * 4 + 1], corners[box * 4 + 3], map.Height, map.Stride, size, sampling, aligned);
            horizontal.Add(corners[box * 4], corners[box * 4 + 2], map.Width, map.Stride, size, sampling, aligned);
            total += (long)(vertical.Count - y) * (horizontal.Count - x);
        }

        var (index, weights, starts) = (empty(total, dtype: int64), empty(total), empty(count * size * size, dtype: int64));
        var rows = MemoryMarshal.Cast<byte, long>(index.bytes);
        var shares = MemoryMarshal.Cast<byte, float>(weights.bytes);
        var begins = MemoryMarshal.Cast<byte, long>(starts.bytes);
        var place = 0;
        for (var box = 0; box < count; box++)
        {
            var map = maps[(int)ofLevel[box]];
            var origin = first[ofLevel[box]] + ofImage[box] * map.Height * map.Width;
            for (var bin = 0; bin < size * size; bin++)
            {
                begins[box * size * size + bin] = place;
                foreach (var (row, ofRow) in vertical.Bin(box * size + bin / size))
                {
                    foreach (var (column, ofColumn) in horizontal.Bin(box * size + bin % size))
                    {
                        rows[place] = origin + row * map.Width + column;
                        shares[place++] = ofRow * ofColumn;
                    }
                }
            }
        }

        return (index.MoveToOuterDisposeScope(), weights.MoveToOuterDisposeScope(), starts.MoveToOuterDisposeScope());
    }
}

/// <summary>The bins of all boxes along one axis: the cells that their samples touch, and the weights of those in the bin's mean.</summary>
internal sealed class RoiAxis(int bins)
{
    // A bin of so many cells is none of an image; counting in single precision stays exact.
    private const float MaxSamples = 1 << 20;

    private readonly List<(long Cell, float Weight)> taps = new(bins * 3);
    private readonly List<int> ends = new(bins);

    /// <summary>Cells so far.</summary>
    public int Count => taps.Count;

    /// <summary>The cells of a bin.</summary>
    public ReadOnlySpan<(long Cell, float Weight)> Bin(int bin)
        => CollectionsMarshal.AsSpan(taps)[(bin == 0 ? 0 : ends[bin - 1])..ends[bin]];

    /// <summary>Adds a box's bins.</summary>
    /// <remarks>Single precision and this order of operations, so that the number of samples, and a sample at a border, come out as in ONNX Runtime.</remarks>
    public void Add(float low, float high, long extent, int stride, int size, int sampling, bool aligned)
    {
        var (scale, offset) = (1f / stride, aligned ? 0.5f : 0);
        var start = low * scale - offset;
        var side = high * scale - offset - start;
        if (!aligned)
            side = MathF.Max(side, 1);
        var bin = side / size;
        var samples = sampling > 0 ? sampling : float.IsFinite(bin) ? Math.Clamp(MathF.Ceiling(bin), 0, MaxSamples) : 0;
        for (var i = 0; i < size; i++)
        {
            AddBin(start + i * bin, bin, samples, extent);
            ends.Add(taps.Count);
        }
    }

    private void AddBin(float start, float bin, float samples, long extent)
    {
        // Of a box far larger than the map only the samples near it are looked at, and one more on both sides for rounding.
        var (first, last) = bin > 0
            ? (Math.Max(0, MathF.Floor((-1 - start) / bin * samples) - 1), Math.Min(samples, MathF.Ceiling((extent - start) / bin * samples) + 1))
            : (0, samples);
        var begin = taps.Count;
        for (var sample = first; sample < last; sample++)
        {
            var position = start + (sample + 0.5f) * bin / samples;
            if (position >= -1 && position <= extent)
            {
                position = Math.Clamp(position, 0, extent - 1);
                var cell = (long)position;
                var beyond = position - cell;
                AddTap(begin, cell, (1 - beyond) / samples);
                AddTap(begin, cell + 1, beyond / samples);
            }
        }
    }

    // Neighbouring samples share cells.
    private void AddTap(int begin, long cell, float weight)
    {
        if (weight == 0)
            return;
        for (var i = taps.Count - 1; i >= Math.Max(begin, taps.Count - 2); i--)
        {
            if (taps[i].Cell == cell)
            {
                taps[i] = (cell, taps[i].Weight + weight);
                return;
            }
        }

        taps.Add((cell, weight));
    }
}
