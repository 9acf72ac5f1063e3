using Serve.Eval.Coco;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>The numbers of the benchmark's summary on one dataset.</summary>
internal static class UsbSummary
{
    /// <summary>Name of the headline number.</summary>
    public const string Cap = "CAP";

    /// <summary>Name of the headline number by the rules of KITTI.</summary>
    public const string Kap = "KAP";

    // Waymo's vehicles, pedestrians and cyclists, by the ids that the benchmark gives them.
    private static readonly (long Id, double Threshold)[] KittiThresholds = [(1, 0.7), (2, 0.5), (3, 0.5)];

    /// <summary>CAP with COCO's details, KAP on Waymo's data, then every range of scales.</summary>
    public static IReadOnlyList<Metric> Of(UsbProtocol protocol, MatchInput input)
    {
        var areas = protocol.AreaRanges.Where(range => range.Measure is SizeMeasure.Area).Select(range => range.Name).Distinct().ToArray();
        var main = areas.Length == 0 ? protocol.AreaRanges[0].Name : areas.Contains("all") ? "all" : areas[0];
        Metric Precision(string name, double? threshold) => new(name, Measure.Precision) { IouThreshold = threshold is { } t ? Exact(protocol, t) : null, AreaRange = main };
        IEnumerable<Metric> Areas(string name, Measure measure)
            => areas.Where(area => area != main).Select(area => new Metric(CocoSummary.NameOf(name, area), measure) { AreaRange = area });
        return
        [
            Precision(Cap, null), Precision("AP50", 0.5), Precision("AP75", 0.75), .. Areas("AP", Measure.Precision),
            .. protocol.MaxDetections.Distinct().Order().Select(limit => new Metric(CocoSummary.LimitName(limit), Measure.Recall) { AreaRange = main, MaxDetections = limit }),
            .. Areas("AR", Measure.Recall),
            .. protocol.Dataset is UsbDataset.Wod ? Kitti(protocol, input, main) : [],
            .. protocol.AreaRanges.Where(range => range.Measure is not SizeMeasure.Area).Select(range => new Metric(range.Name, Measure.Precision) { AreaRange = range.Name }),
        ];
    }

    /// <summary>The evaluated threshold that is meant: 0.7 may be a bit off where thresholds are computed in steps.</summary>
    public static double Exact(Protocol protocol, double threshold)
        => protocol.IouThresholds.Where(value => Math.Abs(value - threshold) < 1e-9).Cast<double?>().FirstOrDefault() ?? threshold;

    private static IEnumerable<Metric> Kitti(UsbProtocol protocol, MatchInput input, string area)
    {
        yield return new("AP70", Measure.Precision) { IouThreshold = Exact(protocol, 0.7), AreaRange = area };
        var parts = new List<Metric>();
        foreach (var (id, threshold) in KittiThresholds)
        {
            var category = Array.IndexOf(input.CategoryIds, id);
            if (category >= 0)
                parts.Add(new("", Measure.Precision) { IouThreshold = Exact(protocol, threshold), AreaRange = area, Categories = [category] });
        }
        // The mean of three categories; of fewer it would be another number.
        if (parts.Count == KittiThresholds.Length)
            yield return new(Kap, Measure.Precision) { MeanOf = parts };
    }
}
