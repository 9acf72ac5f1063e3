namespace Serve.Inference.Decoding;

/// <summary>Values of activations, and bounds that spare computing them.</summary>
internal static class Activations
{
    // A float score may have been rounded up to the threshold; what is this close to it is computed, not skipped.
    private const double Slack = 1e-6;

    /// <summary>1 / (1 + exp(-v))</summary>
    public static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    /// <summary>The activated value, of functions that need no other channels.</summary>
    public static double Apply(Activation activation, double value) => activation == Activation.Sigmoid ? Sigmoid(value) : value;

    /// <summary>Raw values below this surely stay below the threshold when activated. For softmax: below the highest of the location by more than this.</summary>
    public static float LeastRaw(Activation activation, double threshold)
    {
        var least = threshold - Slack;
        return activation switch
        {
            Activation.None => (float)(threshold - (Slack * Math.Max(1, Math.Abs(threshold)))),
            Activation.Sigmoid => least <= 0 ? float.NegativeInfinity : least >= 1 ? float.PositiveInfinity : (float)(Math.Log(least / (1 - least)) - Slack),
            _ => least <= 0 ? float.NegativeInfinity : (float)(Math.Log(least) - Slack),
        };
    }

    /// <summary>Highest value and sum of exp(v - highest) of some channels.</summary>
    public static (double Highest, double Sum) Softmax(ReadOnlySpan<float> values, int at, int stride, int channels)
    {
        var highest = double.NegativeInfinity;
        for (var c = 0; c < channels; c++)
            highest = Math.Max(highest, values[at + (c * stride)]);
        var sum = 0.0;
        for (var c = 0; c < channels; c++)
            sum += Math.Exp(values[at + (c * stride)] - highest);
        return (highest, sum);
    }

    /// <summary>Expectation of 0, 1, 2, ... under the softmax of some channels.</summary>
    public static double Expectation(ReadOnlySpan<float> values, int at, int stride, int channels)
    {
        var (highest, sum) = Softmax(values, at, stride, channels);
        var expectation = 0.0;
        for (var c = 1; c < channels; c++)
            expectation += c * Math.Exp(values[at + (c * stride)] - highest);
        return expectation / sum;
    }
}
