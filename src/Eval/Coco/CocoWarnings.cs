using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Tells of input and parameters that COCO's reference and a careful reader evaluate differently.</summary>
internal static class CocoWarnings
{
    /// <summary>Looks for such input.</summary>
    public static void Add(Dataset dataset, DetectionTable detections, InputBuilder builder, CocoProtocol protocol, Warnings warnings)
    {
        DatasetWarnings.AddIds(dataset, protocol.StrictReference, warnings);
        DatasetWarnings.AddLeftOut(dataset, detections, builder, warnings);
        if (!protocol.StrictReference)
            AddLimits(protocol, warnings);
        if (protocol.Kind is IouKind.Keypoints && !protocol.UseCategories && !protocol.StrictReference)
            warnings.Add("Keypoints of all categories are compared; the reference compares none where categories are pooled.");
    }

    private static void AddLimits(CocoProtocol protocol, Warnings warnings)
    {
        var expected = protocol.Kind is IouKind.Keypoints ? ReferenceSummary.LimitOfKeypoints : ReferenceSummary.LimitOfAp;
        var largest = protocol.MaxDetections.Max();
        if (largest != expected)
            warnings.Add($"AP is read at the largest detection limit, {largest}. The reference reads it at {expected} and prints -1 for other limits (--strict-reference does so too).");
    }
}
