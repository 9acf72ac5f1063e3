using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>Tells of input that LVIS evaluates otherwise than one might think.</summary>
internal static class LvisWarnings
{
    /// <summary>Looks for such input.</summary>
    public static void Add(Dataset dataset, DetectionTable detections, InputBuilder builder, LvisProtocol protocol, Warnings warnings)
    {
        DatasetWarnings.AddIds(dataset, protocol.StrictReference, warnings);
        DatasetWarnings.AddLeftOut(dataset, detections, builder, warnings);
        warnings.AddIfAll(
            dataset.Images.Count(image => image.NegativeCategoryIds.Count == 0),
            dataset.Images.Count,
            "No image lists categories that are absent (\"neg_category_ids\"): a detection counts only where its image holds an object of its category, and false alarms on all other images go unnoticed.");
        var withoutFrequency = dataset.Categories.Count(category => !LvisRequirements.Frequencies.Contains(category.Frequency));
        if (withoutFrequency > 0)
            warnings.Add($"{withoutFrequency} of {dataset.Categories.Count} categories have no \"frequency\" of \"r\", \"c\" or \"f\"; they are left out of APr, APc and APf.");
        warnings.Add(
            dataset.GroundTruths.Count(o => o.IsCrowd),
            "{0} annotations are crowds (\"iscrowd\"), which LVIS does not have: they are evaluated as ordinary objects.");
        warnings.Add(
            dataset.GroundTruths.Count(o => o.Area <= 0),
            "{0} annotations have no area; as in the reference, they are left out.");
        if (!protocol.UseCategories)
        {
            warnings.Add(protocol.StrictReference
                ? "Categories are pooled: as in the reference, which looks for a category that is none, nothing is evaluated."
                : "Objects and detections of all categories are pooled; the reference evaluates nothing where categories are pooled (--strict-reference does so too).");
        }
    }

    /// <summary>Tells whether categories that have objects have fewer detections than the limit of each category, over all images.</summary>
    public static IEnumerable<string> ShortLists(MatchInput input, LvisProtocol protocol)
    {
        var limit = protocol.MaxDetections.Max();
        var counts = new long[input.CategoryIds.Length];
        var sought = new bool[counts.Length];
        foreach (var group in input.Groups)
        {
            counts[group.Category] += group.DetectionCount;
            sought[group.Category] |= group.GroundTruthCount > 0;
        }
        // The authors' own program tells so: a detector that was cut at some number an image is not what this protocol measures.
        if (counts.Where((count, k) => sought[k] && count < limit).Any())
            yield return $"Categories that have objects have fewer than {limit} detections. Fixed AP is meant for the best {limit} of each category, not cut at a number an image.";
    }
}
