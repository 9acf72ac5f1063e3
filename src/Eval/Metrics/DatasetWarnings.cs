using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>Tells of input of any protocol that a reference and a careful reader evaluate differently, and of what is left out.</summary>
internal static class DatasetWarnings
{
    private const string EachAsItStands =
        "{0} annotations repeat the id of another: each is evaluated as it stands. The reference puts the last with an id in the place of all (--strict-reference does so too).";

    /// <summary>Tells of ids that a reference cannot tell apart.</summary>
    public static void AddIds(Dataset dataset, bool strictReference, Warnings warnings)
    {
        var (zeros, repeated) = (0, 0);
        var ids = warnings.AnnotationIds ?? [];
        ids.EnsureCapacity(dataset.GroundTruths.Count);
        foreach (var o in dataset.GroundTruths)
        {
            zeros += o.Id == 0 ? 1 : 0;
            repeated += ids.Add(o.Id) ? 0 : 1;
        }
        warnings.Add(
            zeros,
            strictReference
                ? "An annotation has the id 0: as in the reference, a detection that matches it counts as a false positive."
                : "An annotation has the id 0: it is matched like any other. The reference takes a match with it for none (--strict-reference does so too).");
        warnings.Add(
            repeated,
            strictReference
                ? "{0} annotations repeat the id of another: as in the reference, the last with an id stands for all of them."
                : EachAsItStands);
    }

    /// <summary>Tells of annotations that repeat the id of one in an earlier part. Parts are evaluated each for itself, so they stand as they are.</summary>
    public static void AddRepeatedInParts(int repeated, bool strictReference, Warnings warnings)
        => warnings.Add(
            repeated,
            strictReference
                ? "{0} annotations repeat the id of one that was added before: each is evaluated as it stands. The reference, given all at once, puts the last with an id in the place of all."
                : EachAsItStands);

    /// <summary>Tells of annotations and detections that the dataset has no place for.</summary>
    public static void AddLeftOut(Dataset dataset, DetectionTable detections, InputBuilder builder, Warnings warnings)
    {
        var unlisted = 0;
        foreach (var o in dataset.GroundTruths)
            unlisted += builder.ListedImages.Find(o.ImageId) < 0 ? 1 : 0;
        warnings.Add(unlisted, "{0} annotations lie on images that the dataset does not list; they are left out.");
        var categories = new IdIndex([.. dataset.Categories.Select(category => category.Id)]);
        var slots = builder.DetectionSlots.Categories;
        var ids = detections.CategoryIds;
        var unknown = 0;
        for (var row = 0; row < slots.Length; row++)
            unknown += slots[row] < 0 && categories.Find(ids[row]) < 0 ? 1 : 0;
        warnings.Add(unknown, "{0} detections are of categories that the dataset does not list; they are left out.");
    }
}
