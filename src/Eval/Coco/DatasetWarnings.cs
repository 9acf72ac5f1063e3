using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>Tells of input that the reference and a careful reader evaluate differently, and of what is left out.</summary>
internal static class DatasetWarnings
{
    /// <summary>Looks for such input.</summary>
    public static void Add(Dataset dataset, DetectionTable detections, InputBuilder builder, CocoProtocol protocol, Warnings warnings)
    {
        AddIds(dataset, protocol, warnings);
        AddLeftOut(dataset, detections, builder, warnings);
        if (!protocol.StrictReference)
            AddLimits(protocol, warnings);
        if (protocol.Kind is IouKind.Keypoints && !protocol.UseCategories && !protocol.StrictReference)
            warnings.Add("Keypoints of all categories are compared; the reference compares none where categories are pooled.");
    }

    /// <summary>Looks for ids that the reference stumbles over.</summary>
    public static void AddIds(Dataset dataset, Protocol protocol, Warnings warnings)
    {
        var zeros = 0;
        var ids = new HashSet<long>(dataset.GroundTruths.Count);
        foreach (var o in dataset.GroundTruths)
        {
            zeros += o.Id == 0 ? 1 : 0;
            ids.Add(o.Id);
        }
        var repeated = dataset.GroundTruths.Count - ids.Count;
        if (zeros > 0)
        {
            warnings.Add(protocol.StrictReference
                ? "An annotation has the id 0: as in the reference, a detection that matches it counts as a false positive."
                : "An annotation has the id 0: it is matched like any other. The reference takes a match with it for none (--strict-reference does so too).");
        }
        if (repeated > 0)
        {
            warnings.Add(protocol.StrictReference
                ? $"{repeated} annotations repeat the id of another: as in the reference, the last with an id stands for all of them."
                : $"{repeated} annotations repeat the id of another: each is evaluated as it stands. The reference puts the last with an id in the place of all (--strict-reference does so too).");
        }
    }

    /// <summary>Looks for objects and detections that take no part.</summary>
    public static void AddLeftOut(Dataset dataset, DetectionTable detections, InputBuilder builder, Warnings warnings)
    {
        var listed = new IdIndex([.. dataset.Images.Select(image => image.Id)]);
        var unlisted = 0;
        foreach (var o in dataset.GroundTruths)
            unlisted += listed.Find(o.ImageId) < 0 ? 1 : 0;
        if (unlisted > 0)
            warnings.Add($"{unlisted} annotations lie on images that the dataset does not list; they are left out.");
        var categories = new IdIndex([.. dataset.Categories.Select(category => category.Id)]);
        var slots = builder.DetectionSlots.Categories;
        var ids = detections.CategoryIds;
        var unknown = 0;
        for (var row = 0; row < slots.Length; row++)
            unknown += slots[row] < 0 && categories.Find(ids[row]) < 0 ? 1 : 0;
        if (unknown > 0)
            warnings.Add($"{unknown} detections are of categories that the dataset does not list; they are left out.");
    }

    private static void AddLimits(CocoProtocol protocol, Warnings warnings)
    {
        var expected = protocol.Kind is IouKind.Keypoints ? 20 : 100;
        var largest = protocol.MaxDetections.Max();
        if (largest != expected)
            warnings.Add($"AP is read at the largest detection limit, {largest}. The reference reads it at {expected} and prints -1 for other limits (--strict-reference does so too).");
    }
}
