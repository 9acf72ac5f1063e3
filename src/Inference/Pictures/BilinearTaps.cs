using System.Buffers;

namespace Serve.Inference.Pictures;

/// <summary>The two source samples of each target sample of a bilinear resize, and their weights, computed as OpenCV computes them.</summary>
/// <remarks>
/// Positions in single precision and weights rounded one by one to 11 bits: other roundings give other pixels by one unit, which moves the scores of models with
/// 8-bit weights by up to 0.08.
/// </remarks>
internal readonly struct BilinearTaps : IDisposable
{
    private const float One = 1 << 11;

    private readonly int[] _starts;
    private readonly int[] _pairs;

    private BilinearTaps(int[] starts, int[] pairs) => (_starts, _pairs) = (starts, pairs);

    /// <summary>First source sample of each target sample; of columns one that has a next, where there are two; of rows -1 and the last as well.</summary>
    public int[] Starts => _starts;

    /// <summary>Weights of 11 bits: the lower half for the first sample, the upper for the next.</summary>
    public int[] Pairs => _pairs;

    /// <summary>Computes the weights of an axis. Dispose to give the buffers back.</summary>
    /// <param name="source">Number of source samples.</param>
    /// <param name="target">Number of target samples.</param>
    /// <param name="isArea">Samples are areas that are enlarged, so that only those at an edge are mixed (INTER_AREA), instead of points (INTER_LINEAR).</param>
    /// <param name="isRows">The axis is that of the rows: beyond an edge they stay two, of the same content, and so are rounded apart.</param>
    public static BilinearTaps Create(int source, int target, bool isArea, bool isRows)
    {
        var starts = ArrayPool<int>.Shared.Rent(target);
        var pairs = ArrayPool<int>.Shared.Rent(target);
        var inverse = (double)target / source;
        var step = 1 / inverse;
        for (var i = 0; i < target; i++)
        {
            var position = (float)((i + 0.5) * step - 0.5);
            var start = (int)MathF.Floor(position);
            var part = position - start;
            if (isArea)
            {
                start = (int)Math.Floor(i * step);
                part = (float)(i + 1 - (start + 1) * inverse);
                part = part <= 0 ? 0 : part - MathF.Floor(part);
            }

            if (!isRows && (start < 0 || start >= source - 1))
                (start, part) = start < 0 ? (0, 0) : (source - 1, 0);
            var (first, second) = ((int)MathF.Round((1 - part) * One), (int)MathF.Round(part * One));
            if (!isRows && start == source - 1 && start > 0)
                (start, first, second) = (start - 1, second, first);
            starts[i] = start;
            pairs[i] = first | second << 16;
        }

        return new BilinearTaps(starts, pairs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_pairs);
    }
}
