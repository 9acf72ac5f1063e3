using System.Buffers;

namespace Serve.Inference.Pictures;

/// <summary>
/// The weights of one axis of a resize: each target sample is a weighted sum of a run of source samples.
/// </summary>
/// <remarks>
/// Triangle filter, as wide as one source sample when enlarging (which is bilinear interpolation) and as one target sample when shrinking (which
/// averages the area and so does not alias). Sample centres lie at half pixels: target sample i is centred at (i + 0.5) * source / target.
/// Taps that would fall outside the picture are left out and the rest weighted up, which equals repeating the edge when enlarging.
/// </remarks>
internal readonly struct ScalerTaps : IDisposable
{
    /// <summary>Weights are integers that sum to 1 &lt;&lt; WeightBits, so that results are the same on every processor.</summary>
    public const int WeightBits = 14;

    private readonly int[] _starts;
    private readonly int[] _weights;
    private readonly int _stride;

    private ScalerTaps(int[] starts, int[] weights, int stride) => (_starts, _weights, _stride) = (starts, weights, stride);

    /// <summary>Computes the weights that take <paramref name="source"/> samples to <paramref name="target"/>. Dispose to give the buffers back.</summary>
    public static ScalerTaps Create(int source, int target)
    {
        var ratio = (double)source / target;
        var radius = Math.Max(1, ratio);
        var stride = 2 * (int)Math.Ceiling(radius) + 2;         // [count, weights...]
        var starts = ArrayPool<int>.Shared.Rent(target);
        var weights = ArrayPool<int>.Shared.Rent(target * stride);
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * ratio;

            // The samples whose centre, k + 0.5, is nearer than the radius.
            var start = Math.Max(0, (int)Math.Floor(centre - radius + 0.5));
            var end = Math.Min(source, (int)Math.Ceiling(centre + radius - 0.5));
            starts[i] = start;
            weights[i * stride] = end - start;
            Fill(weights.AsSpan(i * stride + 1, end - start), start, centre, radius);
        }

        return new ScalerTaps(starts, weights, stride);
    }

    /// <summary>The run of one target sample: its first source sample, and a weight for each.</summary>
    public ReadOnlySpan<int> Of(int target, out int start)
    {
        start = _starts[target];
        var at = target * _stride;
        return _weights.AsSpan(at + 1, _weights[at]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_weights);
    }

    private static void Fill(Span<int> weights, int start, double centre, double radius)
    {
        var sum = 0.0;
        for (var k = 0; k < weights.Length; k++)
            sum += Triangle(start + k + 0.5 - centre, radius);

        // Rounding the running sum keeps the total exact and the error below one unit, also when single weights are less than that.
        var (running, given) = (0.0, 0);
        for (var k = 0; k < weights.Length; k++)
        {
            running += Triangle(start + k + 0.5 - centre, radius);
            var upTo = k == weights.Length - 1 ? 1 << WeightBits : (int)Math.Round(running / sum * (1 << WeightBits));
            weights[k] = upTo - given;
            given = upTo;
        }
    }

    private static double Triangle(double distance, double radius) => Math.Max(0, 1 - Math.Abs(distance) / radius);
}
