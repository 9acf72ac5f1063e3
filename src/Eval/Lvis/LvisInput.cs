using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>Makes the columns and groups of an LVIS evaluation: which detections and ground truths take part, and in which order.</summary>
internal static class LvisInput
{
    /// <summary>Prepares an evaluation.</summary>
    /// <exception cref="InvalidInputException">What the reference refuses: images, categories or detections that the dataset does not list; masks that are missing.</exception>
    public static MatchInput From(Dataset dataset, DetectionTable detections, LvisProtocol protocol, Warnings warnings, int threads, CancellationToken ct)
    {
        var builder = new InputBuilder(dataset, detections, protocol, threads, ct);
        LvisRequirements.Check(dataset, builder, protocol);
        var objects = dataset.GroundTruths;
        var taking = ObjectsTakingPart(dataset, builder, protocol);
        var federation = new Federation(dataset, builder, taking);
        var judged = protocol.Limit is LvisLimit.Image
            ? federation.Judge(BestOfImages(builder, detections, protocol, threads, ct), detections, unknownStay: false, threads, ct)
            : federation.Judge(BestOfCategories(builder, detections, protocol, threads, ct), detections, unknownStay: true, threads, ct);
        // The reference looks pooled detections and ground truths up under a category that is none.
        var rows = protocol is { StrictReference: true, UseCategories: false } ? builder.Group([], []) : builder.Group(taking, judged.Rows);
        LvisWarnings.Add(dataset, detections, builder, protocol, warnings);
        var isCrowd = new bool[rows.GroundTruths.Length];
        var isIgnoredUnmatched = Array.ConvertAll(rows.Detections, row => judged.IsIgnoredUnmatched[row]);
        IOverlap overlap = protocol.Kind is IouKind.Boxes
            ? new BoxOverlap(detections, rows.Detections, BoxColumns.Of(objects), rows.GroundTruths, isCrowd)
            : MaskRules.Overlap(dataset, detections, protocol.Kind is IouKind.Boundaries ? protocol.DilationRatio : null, rows, builder.ImageIds, isCrowd);
        return builder.InputOf(rows, overlap, isCrowd, Array.ConvertAll(rows.GroundTruths, row => objects[row].IsIgnored)) with
        {
            IsIgnoredUnmatched = isIgnoredUnmatched.Contains(true) ? isIgnoredUnmatched : null,
        };
    }

    /// <summary>Objects of evaluated images and categories that have an area, as the reference selects them.</summary>
    private static int[] ObjectsTakingPart(Dataset dataset, InputBuilder builder, LvisProtocol protocol)
    {
        var (objects, categories, visited) = (dataset.GroundTruths, builder.ObjectSlots.Categories, builder.ObjectsByImage());
        bool TakesPart(int row) => categories[row] >= 0 && objects[row].Area > 0;
        return protocol.StrictReference ? builder.LookedUpById(visited, TakesPart) : Array.FindAll(visited, TakesPart);
    }

    private static Buckets BestOfImages(InputBuilder builder, DetectionTable detections, LvisProtocol protocol, int threads, CancellationToken ct)
        => new Buckets(InputBuilder.Rows(detections.Count), builder.DetectionSlots.Images, builder.ImageIds.Length).Best(protocol.MaxDetections.Max(), detections, threads, ct);

    /// <summary>
    /// The best of each category, by image. The reference takes them from the whole file, images that are not evaluated included, and of equal scores at the limit
    /// those that stand first. Otherwise image ids decide, as they do for all ties, so that neither the file's order nor a division into parts matters.
    /// </summary>
    private static Buckets BestOfCategories(InputBuilder builder, DetectionTable detections, LvisProtocol protocol, int threads, CancellationToken ct)
    {
        var slots = builder.DetectionSlots;
        var rows = protocol.StrictReference
            ? InputBuilder.Rows(detections.Count)
            : Grouping.StableSort(WithArea(detections), slots.Images, builder.ImageIds.Length);
        var best = new Buckets(rows, slots.Categories, builder.CategoryIds.Length).Best(protocol.MaxDetections.Max(), detections, threads, ct);
        return new(best.Rows, slots.Images, builder.ImageIds.Length);
    }

    private static int[] WithArea(DetectionTable detections)
    {
        var rows = new List<int>(detections.Count);
        for (var row = 0; row < detections.Count; row++)
        {
            if (detections.Areas[row] > 0)
                rows.Add(row);
        }
        return [.. rows];
    }
}
