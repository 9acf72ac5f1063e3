using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>The weights of one axis as Pillow computes them: fixed-point numbers with 22 bits behind the point, each rounded by itself.</summary>
internal readonly struct PillowTaps
{
    /// <summary>Bits behind the point.</summary>
    public const int WeightBits = 22;

    private const double Cubic = -0.5;

    private readonly int[] _starts;
    private readonly int[] _ends;
    private readonly int[] _weights;
    private readonly int _most;

    /// <summary>Computes them.</summary>
    /// <param name="source">Number of source samples.</param>
    /// <param name="target">Number of target samples.</param>
    /// <param name="filter">PillowBilinear or PillowBicubic.</param>
    /// <param name="ratio">Source samples for each target sample.</param>
    public PillowTaps(int source, int target, ResizeFilter filter, double ratio)
    {
        var widening = Math.Max(1, ratio);
        var radius = (filter == ResizeFilter.PillowBicubic ? 2 : 1) * widening;
        _most = 2 * (int)Math.Ceiling(radius) + 1;
        (_starts, _ends, _weights) = (new int[target], new int[target], new int[target * _most]);
        var raw = new double[_most];
        for (var i = 0; i < target; i++)
        {
            var centre = (i + 0.5) * ratio;
            var (start, end) = (Math.Max(0, (int)(centre - radius + 0.5)), Math.Min(source, (int)(centre + radius + 0.5)));
            var sum = 0.0;
            for (var k = start; k < end; k++)
                sum += raw[k - start] = Weight(filter, Math.Abs((k - centre + 0.5) / widening));
            for (var k = 0; k < end - start; k++)
            {
                var weight = raw[k] / sum * (1 << WeightBits);
                _weights[i * _most + k] = (int)(weight < 0 ? weight - 0.5 : weight + 0.5);
            }

            (_starts[i], _ends[i]) = (start, end);
        }
    }

    /// <summary>The first source sample of a target sample, and the weights from there on.</summary>
    public ReadOnlySpan<int> Of(int target, out int start)
    {
        start = _starts[target];
        return _weights.AsSpan(target * _most, _ends[target] - start);
    }

    private static double Weight(ResizeFilter filter, double distance) => filter switch
    {
        ResizeFilter.PillowBilinear => distance < 1 ? 1 - distance : 0,
        _ when distance < 1 => ((Cubic + 2) * distance - (Cubic + 3)) * distance * distance + 1,
        _ when distance < 2 => (((distance - 5) * distance + 8) * distance - 4) * Cubic,
        _ => 0,
    };
}
