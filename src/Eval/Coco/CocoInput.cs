using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Makes the columns and groups of a COCO evaluation: which detections and ground truths take part, and in which order.</summary>
internal static class CocoInput
{
    /// <summary>Prepares an evaluation.</summary>
    /// <remarks>Objects on images that are not evaluated, and objects and detections of categories that are not, are left out.</remarks>
    /// <exception cref="InvalidInputException">A detection lies on an image that the dataset does not list, a number is not finite, or what the protocol compares is missing.</exception>
    public static MatchInput From(Dataset dataset, DetectionTable detections, CocoProtocol protocol, Warnings warnings, int threads, CancellationToken ct)
    {
        var builder = new InputBuilder(dataset, detections, protocol, threads, ct);
        var objects = dataset.GroundTruths;
        var rows = builder.Group(ResolveIds(builder, protocol));
        CocoWarnings.Add(dataset, detections, builder, protocol, warnings);
        bool[] isCrowd = Array.ConvertAll(rows.GroundTruths, row => objects[row].IsCrowd);
        var isIgnored = protocol.Kind is IouKind.Keypoints ? KeypointRules.Ignored(dataset, rows.GroundTruths) : isCrowd;
        return builder.InputOf(rows, OverlapOf(dataset, detections, protocol, rows, builder.ImageIds, isCrowd), isCrowd, isIgnored);
    }

    private static IOverlap OverlapOf(Dataset dataset, DetectionTable detections, CocoProtocol protocol, GroupedRows rows, long[] imageIds, bool[] isCrowd)
    {
        switch (protocol.Kind)
        {
            case IouKind.Boxes:
                return new BoxOverlap(detections, rows.Detections, BoxColumns.Of(dataset.GroundTruths), rows.GroundTruths, isCrowd);
            case IouKind.Keypoints:
                // The reference never compares keypoints where categories are pooled: it looks them up by a category that is none.
                if (protocol.StrictReference && !protocol.UseCategories)
                    return new NoOverlap();
                return KeypointRules.Overlap(dataset, detections, protocol, rows);
            default:
                return MaskRules.Overlap(dataset, detections, protocol.Kind is IouKind.Boundaries ? protocol.DilationRatio : null, rows, imageIds, isCrowd);
        }
    }

    /// <summary>
    /// Rows of the ground truths that take part, in the order in which the reference visits them. It selects annotations by image, and by category where those
    /// are not pooled, then looks each up by its id.
    /// </summary>
    internal static int[] ResolveIds(InputBuilder builder, Protocol protocol)
    {
        var visited = builder.ObjectsByImage();
        return protocol.StrictReference
            ? builder.LookedUpById(visited, row => !protocol.UseCategories || builder.ObjectSlots.Categories[row] >= 0)
            : visited;
    }

    /// <summary>Nothing overlaps anything.</summary>
    private sealed class NoOverlap : IOverlap
    {
        public void Compute(PairGroup group, Span<double> overlaps) => overlaps.Clear();
    }
}
