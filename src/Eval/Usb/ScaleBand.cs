using System.Globalization;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>
/// A band of absolute scales that lets objects pass in part: their weight is a trapezoid over the logarithm of their scale, 0 up to <paramref name="Start"/>,
/// rising to 1 at <paramref name="Full"/>, 1 until <paramref name="FullEnd"/>, falling to 0 at <paramref name="End"/>.
/// </summary>
/// <param name="Start">Scale in pixels at which the weight begins to rise.</param>
/// <param name="Full">Scale from which it is 1.</param>
/// <param name="FullEnd">Scale until which it is 1.</param>
/// <param name="End">Scale from which it is 0, the end itself included; where it equals <paramref name="FullEnd"/>, that scale is the last whose weight is 1.</param>
public sealed record ScaleBand(double Start, double Full, double FullEnd, double End)
{
    private const double LargestScale = 1e5;

    /// <summary>The bands of BandASAP: eight triangles of an octave on either side, and all larger scales. From 4 pixels on, an object's weights sum to 1.</summary>
    public static IReadOnlyList<ScaleBand> All { get; } =
    [
        new(1, 4, 4, 8), new(4, 8, 8, 16), new(8, 16, 16, 32), new(16, 32, 32, 64), new(32, 64, 64, 128), new(64, 128, 128, 256), new(128, 256, 256, 512),
        new(256, 512, 512, 1024), new(512, 1024, LargestScale, LargestScale),
    ];

    /// <summary>Its name, such as <c>BandASAP(8-16-32)</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"BandASAP({Start}-{Full}-{End})");

    /// <summary>Weight of an object, 0 to 1.</summary>
    /// <param name="scale">Square root of its area, pixels.</param>
    public double Weight(double scale)
    {
        if (!(scale >= Start && scale <= End))
            return 0;
        // Differences of logarithms, not logarithms of quotients: a last bit decides whether a recall of exactly 1 is reached, and these bits are the reference's.
        if (scale < Full)
            return (Math.Log2(scale) - Math.Log2(Start)) / (Math.Log2(Full) - Math.Log2(Start));
        return scale <= FullEnd ? 1 : (Math.Log2(End) - Math.Log2(scale)) / (Math.Log2(End) - Math.Log2(FullEnd));
    }

    /// <summary>Weight of a ground truth; nothing for one that nobody has to find.</summary>
    internal double WeightOf(MatchInput input, int groundTruth)
        => input.IsIgnored[groundTruth] ? 0 : Weight(input.GroundTruthSize(groundTruth, SizeMeasure.Scale));
}
