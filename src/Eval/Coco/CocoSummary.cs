using System.Globalization;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>The numbers of a COCO summary for any parameters: what was asked is what is reported. With the default parameters they are the reference's.</summary>
internal static class CocoSummary
{
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.Ordinal) { ["small"] = "s", ["medium"] = "m", ["large"] = "l" };

    /// <summary>
    /// Precision at the largest limit: all, at 0.5, at 0.75, and in each further area range; recall at each limit (keypoints: at each of those overlaps), and in
    /// each further area range.
    /// </summary>
    public static IReadOnlyList<Metric> Of(CocoProtocol protocol)
    {
        var main = protocol.AreaRanges.Any(range => range.Name == "all") ? "all" : protocol.AreaRanges[0].Name;
        var further = protocol.AreaRanges.Select(range => range.Name).Where(name => name != main).Distinct().ToArray();
        var limits = protocol.MaxDetections.Distinct().Order().ToArray();
        Metric Number(string name, Measure measure, double? threshold = null) => new(name, measure) { IouThreshold = threshold, AreaRange = main };
        IEnumerable<Metric> Areas(string name, Measure measure) => further.Select(area => new Metric(NameOf(name, area), measure) { AreaRange = area });

        var recall = protocol.Kind is IouKind.Keypoints
            ? [Number("AR", Measure.Recall), Number("AR50", Measure.Recall, 0.5), Number("AR75", Measure.Recall, 0.75)]
            : limits.Select(limit => Number(LimitName(limit), Measure.Recall) with { MaxDetections = limit });
        return
        [
            Number("AP", Measure.Precision), Number("AP50", Measure.Precision, 0.5), Number("AP75", Measure.Precision, 0.75), .. Areas("AP", Measure.Precision),
            .. recall, .. Areas("AR", Measure.Recall),
        ];
    }

    /// <summary>The name of recall at a limit.</summary>
    public static string LimitName(int limit) => string.Create(CultureInfo.InvariantCulture, $"AR@{limit}");

    /// <summary>The name of a number in a further area range: COCO's own ranges have short names; others stand in brackets.</summary>
    public static string NameOf(string measure, string area) => measure + (ShortNames.TryGetValue(area, out var shortName) ? shortName : $"({area})");
}
