using System.Buffers;
using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>
/// The weights of one axis of a resize: each target sample is a weighted sum of a run of source samples. Sample centres lie at half pixels: target sample i
/// is centred at (i + 0.5) * source / target.
/// </summary>
/// <remarks>
/// <para>
/// <see cref="ResizeFilter.Antialias"/>: a triangle as wide as one source sample when enlarging (which is bilinear interpolation) and as one target sample when
/// shrinking (which averages the area and so does not alias). Taps that would fall outside the picture are left out and the rest weighted up, which equals
/// repeating the edge when enlarging.
/// </para>
/// <para><see cref="ResizeFilter.Area"/>: the share that each source sample has of the area that a target sample covers.</para>
/// <para><see cref="ResizeFilter.Bicubic"/>: Keys' cubic with a = -0.75 through four samples, also when shrinking; the edge is repeated.</para>
/// </remarks>
internal readonly struct ScalerTaps : IDisposable
{
    /// <summary>Weights are integers that sum to 1 &lt;&lt; WeightBits, so that results are the same on every processor.</summary>
    public const int WeightBits = 14;

    private const double Cubic = -0.75;
    private const int CubicTaps = 4;

    private readonly int[] _starts;
    private readonly int[] _pairs;
    private readonly int _stride;

    private ScalerTaps(int[] starts, int[] pairs, int stride) => (_starts, _pairs, _stride) = (starts, pairs, stride);

    /// <summary>Computes the weights of an axis. Dispose to give the buffers back.</summary>
    /// <param name="source">Number of source samples.</param>
    /// <param name="target">Number of target samples.</param>
    /// <param name="filter">Antialias, Area or Bicubic.</param>
    /// <param name="ratio">Source samples for each target sample; <paramref name="source"/> / <paramref name="target"/>, unless the last sample stands for less than the others.</param>
    public static ScalerTaps Create(int source, int target, ResizeFilter filter, double ratio)
    {
        var radius = Math.Max(1, ratio);
        var most = filter == ResizeFilter.Bicubic ? CubicTaps : 2 * (int)Math.Ceiling(radius) + 1;
        var stride = (most + 1) / 2 + 1;                            // [number of pairs, pairs...]
        var starts = ArrayPool<int>.Shared.Rent(target);
        var pairs = ArrayPool<int>.Shared.Rent(target * stride);
        var raw = ArrayPool<double>.Shared.Rent(most + 1);
        for (var i = 0; i < target; i++)
        {
            var (start, count) = filter switch
            {
                ResizeFilter.Bicubic => Interpolate((i + 0.5) * ratio, source, raw),
                ResizeFilter.Area => Cover(i * ratio, (i + 1) * ratio, source, raw),
                _ => Average((i + 0.5) * ratio, radius, source, raw),
            };
            starts[i] = start;
            pairs[i * stride] = (count + 1) / 2;
            Round(raw.AsSpan(0, count), pairs.AsSpan(i * stride + 1, (count + 1) / 2));
        }

        ArrayPool<double>.Shared.Return(raw);
        return new ScalerTaps(starts, pairs, stride);
    }

    /// <summary>
    /// The run of one target sample: its first source sample, and the weights, two in each number: the lower half for one sample, the upper for the next. The last
    /// may be for a sample past the end; it is zero.
    /// </summary>
    public ReadOnlySpan<int> Of(int target, out int start)
    {
        start = _starts[target];
        var at = target * _stride;
        return _pairs.AsSpan(at + 1, _pairs[at]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_pairs);
    }

    private static (int Start, int Count) Average(double centre, double radius, int source, double[] weights)
    {
        // The samples whose centre, k + 0.5, is nearer than the radius.
        var start = Math.Max(0, (int)Math.Floor(centre - radius + 0.5));
        var end = Math.Min(source, (int)Math.Ceiling(centre + radius - 0.5));
        for (var k = start; k < end; k++)
            weights[k - start] = Math.Max(0, 1 - Math.Abs(k + 0.5 - centre) / radius);
        return (start, end - start);
    }

    private static (int Start, int Count) Cover(double from, double to, int source, double[] weights)
    {
        // Edges that differ from a whole sample by rounding only do not touch the next.
        const double tolerance = 1e-6;
        var start = Math.Min((int)Math.Floor(from + tolerance), source - 1);
        var end = Math.Clamp((int)Math.Ceiling(to - tolerance), start + 1, source);
        for (var k = start; k < end; k++)
            weights[k - start] = Math.Max(tolerance, Math.Min(k + 1, to) - Math.Max(k, from));
        return (start, end - start);
    }

    private static (int Start, int Count) Interpolate(double centre, int source, double[] weights)
    {
        var first = (int)Math.Floor(centre - 0.5);
        var x = centre - 0.5 - first;
        var (start, end) = (Math.Clamp(first - 1, 0, source - 1), Math.Clamp(first + 2, 0, source - 1) + 1);
        weights.AsSpan(0, end - start).Clear();
        for (var k = -1; k < CubicTaps - 1; k++)
            weights[Math.Clamp(first + k, 0, source - 1) - start] += CubicWeight(Math.Abs(k - x));
        return (start, end - start);
    }

    private static double CubicWeight(double distance) => distance <= 1
        ? ((Cubic + 2) * distance - (Cubic + 3)) * distance * distance + 1
        : ((Cubic * distance - 5 * Cubic) * distance + 8 * Cubic) * distance - 4 * Cubic;

    private static void Round(ReadOnlySpan<double> raw, Span<int> pairs)
    {
        var sum = 0.0;
        foreach (var weight in raw)
            sum += weight;

        // Rounding the running sum keeps the total exact and the error below one unit, also when single weights are less than that.
        pairs.Clear();
        var (running, given) = (0.0, 0);
        for (var k = 0; k < raw.Length; k++)
        {
            running += raw[k];
            var upTo = k == raw.Length - 1 ? 1 << WeightBits : (int)Math.Round(running / sum * (1 << WeightBits));
            pairs[k / 2] |= (k & 1) == 0 ? (upTo - given) & ushort.MaxValue : (upTo - given) << 16;
            given = upTo;
        }
    }
}
