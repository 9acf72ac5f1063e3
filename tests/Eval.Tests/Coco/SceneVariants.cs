using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Coco;

/// <summary>Changes of a scene on which no evaluation may depend.</summary>
internal static class SceneVariants
{
    /// <summary>Images and categories in the opposite order, annotations by image.</summary>
    public static Dataset Turned(Dataset dataset)
        => new(dataset.Images.Reverse().ToList(), dataset.Categories.Reverse().ToList(), [.. dataset.GroundTruths.OrderBy(g => g.ImageId)], "");

    /// <summary>Other ids in the same order; those of annotations negative.</summary>
    public static Dataset Renumbered(Dataset dataset) => new(
        [.. dataset.Images.Select(i => i with
        {
            Id = Other(i.Id),
            NegativeCategoryIds = [.. i.NegativeCategoryIds.Select(Other)],
            NotExhaustiveCategoryIds = [.. i.NotExhaustiveCategoryIds.Select(Other)],
        })],
        [.. dataset.Categories.Select(c => c with { Id = Other(c.Id) })],
        [.. dataset.GroundTruths.Select(g => g with { Id = -g.Id, ImageId = Other(g.ImageId), CategoryId = Other(g.CategoryId) })],
        "");

    /// <summary>Detections with the ids of a renumbered dataset.</summary>
    public static IReadOnlyList<NaiveEvaluator.Detection> Renumbered(IEnumerable<NaiveEvaluator.Detection> detections)
        => [.. detections.Select(d => d with { Image = Other(d.Image), Category = Other(d.Category) })];

    private static long Other(long id) => (id * 1_000_000_007) + (long.MaxValue / 2);
}
