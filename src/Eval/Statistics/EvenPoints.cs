using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Serve.Eval.Statistics;

/// <summary>Recall points as numpy spaces them evenly from 0 to 1: point r is the double r * step, and the last is 1.</summary>
internal sealed class EvenPoints
{
    // Far more than rounding, far less than the distance between two different recalls, or a recall and a point, in spaces.
    private const double Margin = 1e-9;

    private readonly double spaces;
    private readonly double step;

    private EvenPoints(double spaces, double step) => (this.spaces, this.step) = (spaces, step);

    /// <summary>Recall points as even spaces; null where they are not.</summary>
    public static EvenPoints? Of(double[] thresholds)
    {
        double spaces = thresholds.Length - 1;
        var step = 1 / spaces;
        if (spaces < 1 || thresholds[^1] != 1 || spaces * step != 1)
            return null;
        for (var r = 0; r < thresholds.Length; r++)
        {
            if (thresholds[r] != r * step)
                return null;
        }
        return new(spaces, step);
    }

    /// <summary>How many points above 0 recalls reach: the point at or below each, unless the double that is the point is above that which is the recall.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Reached(Vector512<double> recalls)
    {
        var point = Vector512.Floor((recalls * Vector512.Create(spaces)) + Vector512.Create(Margin));
        return point - (Vector512.LessThan(recalls, point * Vector512.Create(step)) & Vector512<double>.One);
    }
}
