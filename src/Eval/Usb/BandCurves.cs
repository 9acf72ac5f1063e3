using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>
/// Precision and recall in scale bands, where objects count by their weight: true positives are the weights of what is matched, false positives the weights of
/// detections that match nothing, and what there is to find the weights of all ground truths. With weights of 0 and 1 the numbers are those of
/// <see cref="PrecisionRecall.Accumulate"/>.
/// </summary>
public static class BandCurves
{
    /// <summary>Matches and accumulates in every band.</summary>
    /// <param name="input">What takes part; overlaps are computed again.</param>
    /// <param name="bands">The bands, which stand in the place of area ranges. [A]</param>
    /// <param name="protocol">Recall thresholds, detection limits and the rule of precision.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between categories.</param>
    /// <exception cref="InvalidInputException">Something that is compared cannot be, as in <see cref="Matching.Match"/>.</exception>
    public static PrecisionRecall Of(MatchInput input, IReadOnlyList<ScaleBand> bands, Protocol protocol, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(bands);
        ArgumentNullException.ThrowIfNull(protocol);
        AreaRange[] ranges = [.. bands.Select(band => new AreaRange(band.Name, band.Start, band.End) { Measure = SizeMeasure.Scale })];
        var curves = new PrecisionRecall(input, ranges, [.. protocol.RecallThresholds], [.. protocol.MaxDetections.Order()], protocol.CurveRule);
        var groups = new CategoryGroups(input);
        var largestFirst = groups.LargestFirst();
        Chunks.ForEach(
            largestFirst.Length, threads, () => new CategoryBands(input, bands, curves), (i, category) => category.Accumulate(groups.Of(largestFirst[i]).Span), ct);
        return curves;
    }
}
