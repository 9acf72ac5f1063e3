using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Voc;

/// <summary>Makes the columns and groups of a VOC evaluation.</summary>
internal static class VocInput
{
    /// <summary>Prepares an evaluation.</summary>
    /// <exception cref="InvalidInputException">A detection lies on an image that the dataset does not list, or a number is not finite.</exception>
    public static MatchInput From(Dataset dataset, DetectionTable detections, VocProtocol protocol, Warnings warnings, int threads, CancellationToken ct)
    {
        var builder = new InputBuilder(dataset, detections, protocol, threads, ct);
        var objects = dataset.GroundTruths;
        var rows = builder.Group(builder.ObjectsByImage());
        DatasetWarnings.AddLeftOut(dataset, detections, builder, warnings);
        AddCrowds(objects, warnings);
        var corners = new CornerOverlap(detections, rows.Detections, BoxColumns.Of(objects), rows.GroundTruths, protocol.InclusivePixels);
        var isIgnored = Array.ConvertAll(rows.GroundTruths, row => objects[row].IsIgnored);
        var input = builder.InputOf(
            rows, corners, new bool[rows.GroundTruths.Length], isIgnored,
            Array.ConvertAll(rows.Detections, corners.AreaOfDetection), Array.ConvertAll(rows.GroundTruths, corners.AreaOfGroundTruth));
        // The kit's objects have no ids.
        return input with { Assignment = Assignment.BestOfAll, HasZeroId = null };
    }

    private static void AddCrowds(IReadOnlyList<GroundTruth> objects, Warnings warnings)
    {
        warnings.Add(
            objects.Count(o => o.IsCrowd),
            "{0} annotations are crowds (\"iscrowd\"), which VOC does not have: they are evaluated as ordinary objects. What nobody has to find is marked \"difficult\" there.");
    }
}
