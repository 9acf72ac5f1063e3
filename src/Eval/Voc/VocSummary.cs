using Serve.Eval.Metrics;
using static System.FormattableString;

namespace Serve.Eval.Voc;

/// <summary>
/// The numbers of a VOC summary: <c>mAP</c>, the mean of average precision over categories that have objects, and <c>recall</c>, the same of the recall of all
/// detections; of several overlaps the mean, then each (<c>mAP@0.75</c>); then each further area range (<c>mAP(small)</c>) and, where there are limits of detections, the recall
/// at each (<c>recall at 100 detections</c>).
/// </summary>
internal static class VocSummary
{
    /// <summary>Name of the headline number.</summary>
    public const string MeanPrecision = "mAP";

    /// <summary>The numbers for the parameters of a protocol.</summary>
    public static IReadOnlyList<Metric> Of(VocProtocol protocol)
    {
        var main = protocol.AreaRanges[0].Name;
        string[] further = [.. protocol.AreaRanges.Select(range => range.Name).Where(name => name != main).Distinct()];
        double[] thresholds = [.. protocol.IouThresholds.Distinct().Order()];
        int[] limits = [.. protocol.MaxDetections.Distinct().Order()];
        return [.. Numbers(MeanPrecision, Measure.Precision), .. Numbers("recall", Measure.Recall), .. Limited()];

        IEnumerable<Metric> Numbers(string name, Measure measure)
        {
            yield return new(name, measure) { AreaRange = main };
            foreach (var threshold in thresholds.Length > 1 ? thresholds : [])
                yield return new(Invariant($"{name}@{threshold}"), measure) { AreaRange = main, IouThreshold = threshold };
            foreach (var area in further)
                yield return new($"{name}({area})", measure) { AreaRange = area };
        }

        IEnumerable<Metric> Limited() => limits.Where(limit => limit < int.MaxValue)
            .Select(limit => new Metric(Invariant($"recall at {limit} detections"), Measure.Recall) { AreaRange = main, MaxDetections = limit });
    }
}
