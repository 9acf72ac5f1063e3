using Serve.Eval.Coco;
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
        return new()
        {
            ImageIds = builder.ImageIds,
            CategoryIds = protocol.UseCategories ? builder.CategoryIds : [-1],
            Groups = rows.Groups,
            DetectionRows = rows.Detections,
            Scores = InputBuilder.Gather(detections.Scores, rows.Detections),
            DetectionAreas = Array.ConvertAll(rows.Detections, corners.AreaOfDetection),
            GroundTruthRows = rows.GroundTruths,
            GroundTruthAreas = Array.ConvertAll(rows.GroundTruths, corners.AreaOfGroundTruth),
            IsCrowd = new bool[rows.GroundTruths.Length],
            IsIgnored = Array.ConvertAll(rows.GroundTruths, row => objects[row].IsIgnored),
            Overlap = corners,
            Assignment = Assignment.BestOfAll,
            IouThresholds = [.. protocol.IouThresholds],
            AreaRanges = [.. protocol.AreaRanges],
        };
    }

    private static void AddCrowds(IReadOnlyList<GroundTruth> objects, Warnings warnings)
    {
        var crowds = objects.Count(o => o.IsCrowd);
        if (crowds > 0)
            warnings.Add($"{crowds} annotations are crowds (\"iscrowd\"), which VOC does not have: they are evaluated as ordinary objects. What nobody has to find is marked \"difficult\" there.");
    }
}
