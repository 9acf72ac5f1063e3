using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>
/// The numbers of the reference's summary, with its fixed limits: twelve for boxes and masks, of which the first is read at exactly 100 detections; ten for
/// keypoints, all read at exactly 20. Where those limits are not in force, the reference prints -1.
/// </summary>
internal static class ReferenceSummary
{
    /// <summary>The limit at which the first number of boxes and masks is read.</summary>
    public const int LimitOfAp = 100;

    /// <summary>The limit at which all numbers of keypoints are read.</summary>
    public const int LimitOfKeypoints = 20;

    private const int LimitsNeeded = 3;

    /// <summary>The numbers for the parameters of a protocol.</summary>
    /// <exception cref="NoSummaryException">Boxes or masks with fewer than three limits.</exception>
    public static IReadOnlyList<Metric> Of(CocoProtocol protocol)
    {
        if (protocol.Kind is IouKind.Keypoints)
            return Keypoints();
        var limits = protocol.MaxDetections.Order().ToArray();
        if (limits.Length < LimitsNeeded)
            throw new NoSummaryException($"the reference's summary needs {LimitsNeeded} detection limits; there {(limits.Length == 1 ? "is 1" : $"are {limits.Length}")}");
        var last = limits[2];
        return
        [
            Precision("AP", null, "all", LimitOfAp), Precision("AP50", 0.5, "all", last), Precision("AP75", 0.75, "all", last),
            Precision("APs", null, "small", last), Precision("APm", null, "medium", last), Precision("APl", null, "large", last),
            Recall(CocoSummary.LimitName(limits[0]), null, "all", limits[0]), Recall(CocoSummary.LimitName(limits[1]), null, "all", limits[1]),
            Recall(CocoSummary.LimitName(last), null, "all", last),
            Recall("ARs", null, "small", last), Recall("ARm", null, "medium", last), Recall("ARl", null, "large", last),
        ];
    }

    private static Metric[] Keypoints() =>
    [
        Precision("AP", null, "all", LimitOfKeypoints), Precision("AP50", 0.5, "all", LimitOfKeypoints), Precision("AP75", 0.75, "all", LimitOfKeypoints),
        Precision("APm", null, "medium", LimitOfKeypoints), Precision("APl", null, "large", LimitOfKeypoints),
        Recall("AR", null, "all", LimitOfKeypoints), Recall("AR50", 0.5, "all", LimitOfKeypoints), Recall("AR75", 0.75, "all", LimitOfKeypoints),
        Recall("ARm", null, "medium", LimitOfKeypoints), Recall("ARl", null, "large", LimitOfKeypoints),
    ];

    private static Metric Precision(string name, double? threshold, string area, int limit)
        => new(name, Measure.Precision) { IouThreshold = threshold, AreaRange = area, MaxDetections = limit };

    private static Metric Recall(string name, double? threshold, string area, int limit)
        => new(name, Measure.Recall) { IouThreshold = threshold, AreaRange = area, MaxDetections = limit };
}
