using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>Tells of input that LVIS evaluates otherwise than one might think.</summary>
internal static class LvisWarnings
{
    /// <summary>Looks for such input.</summary>
    public static void Add(Dataset dataset, DetectionTable detections, InputBuilder builder, GroupedRows rows, LvisProtocol protocol, Warnings warnings)
    {
        DatasetWarnings.AddIds(dataset, protocol.StrictReference, warnings);
        DatasetWarnings.AddLeftOut(dataset, detections, builder, warnings);
        if (dataset.Images.Count > 0 && dataset.Images.All(image => image.NegativeCategoryIds.Count == 0))
            warnings.Add("No image lists categories that are absent (\"neg_category_ids\"): a detection counts only where its image holds an object of its category, and false alarms on all other images go unnoticed.");
        var withoutFrequency = dataset.Categories.Count(category => !LvisRequirements.Frequencies.Contains(category.Frequency));
        if (withoutFrequency > 0)
            warnings.Add($"{withoutFrequency} of {dataset.Categories.Count} categories have no \"frequency\" of \"r\", \"c\" or \"f\"; they are left out of APr, APc and APf.");
        var crowds = dataset.GroundTruths.Count(o => o.IsCrowd);
        if (crowds > 0)
            warnings.Add($"{crowds} annotations are crowds (\"iscrowd\"), which LVIS does not have: they are evaluated as ordinary objects.");
        var withoutArea = dataset.GroundTruths.Count(o => o.Area <= 0);
        if (withoutArea > 0)
            warnings.Add($"{withoutArea} annotations have no area; as in the reference, they are left out.");
        if (!protocol.UseCategories)
        {
            warnings.Add(protocol.StrictReference
                ? "Categories are pooled: as in the reference, which looks for a category that is none, nothing is evaluated."
                : "Objects and detections of all categories are pooled; the reference evaluates nothing where categories are pooled (--strict-reference does so too).");
        }
        if (protocol.Limit is LvisLimit.Category)
            AddShortLists(builder, rows, protocol, warnings);
    }

    // The authors' own program tells so: a detector that was cut at some number an image is not what this protocol measures.
    private static void AddShortLists(InputBuilder builder, GroupedRows rows, LvisProtocol protocol, Warnings warnings)
    {
        var limit = protocol.MaxDetections.Max();
        var counts = new int[builder.CategoryIds.Length];
        var sought = new bool[counts.Length];
        foreach (var row in rows.Detections)
            counts[builder.DetectionSlots.Categories[row]]++;
        foreach (var row in rows.GroundTruths)
            sought[builder.ObjectSlots.Categories[row]] = true;
        if (counts.Where((count, k) => sought[k] && count < limit).Any())
            warnings.Add($"Categories that have objects have fewer than {limit} detections. Fixed AP is meant for the best {limit} of each category, not cut at a number an image.");
    }
}
