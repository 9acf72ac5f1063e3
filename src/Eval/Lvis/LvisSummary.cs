using System.Globalization;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Lvis;

/// <summary>The numbers of an LVIS summary: precision over all, by overlap, by area and by how frequent categories are, and recall over all and by area.</summary>
internal static class LvisSummary
{
    /// <summary>The numbers for the parameters of a protocol.</summary>
    /// <exception cref="NoSummaryException">The reference is reproduced, and fails on the parameters.</exception>
    public static IReadOnlyList<Metric> Of(LvisProtocol protocol, IReadOnlyList<Category> categories)
    {
        var strict = protocol.StrictReference;
        string[] names = [.. protocol.AreaRanges.Select(range => range.Name)];
        var main = strict || names.Contains("all") ? "all" : names[0];
        string[] further = strict ? ["small", "medium", "large"] : [.. names.Where(name => name != main).Distinct()];
        var groups = FrequencyGroups(protocol, categories);
        if (strict)
            RequireReferenceGroups(protocol, names, groups);
        Metric Number(string name, Measure measure, double? threshold = null) => new(name, measure) { IouThreshold = threshold, AreaRange = main };

        var metrics = new List<Metric> { Number("AP", Measure.Precision), Number("AP50", Measure.Precision, 0.5), Number("AP75", Measure.Precision, 0.75) };
        metrics.AddRange(further.Select(area => new Metric(CocoSummary.NameOf("AP", area), Measure.Precision) { AreaRange = area }));
        if (strict || protocol.UseCategories)
            metrics.AddRange(LvisRequirements.Frequencies.Zip(groups, (name, members) => Number($"AP{name}", Measure.Precision) with { Categories = members }));
        int[] limits = [.. protocol.MaxDetections.Distinct().Order()];
        metrics.AddRange(limits.Select(limit => Number($"AR{Suffix(protocol, limit)}", Measure.Recall) with { MaxDetections = limit }));
        metrics.AddRange(further.Select(area => new Metric(CocoSummary.NameOf("AR", area) + Suffix(protocol, limits[^1]), Measure.Recall) { AreaRange = area }));
        return metrics;
    }

    /// <summary>Places, among the evaluated categories, of those that are rare, common and frequent.</summary>
    private static int[][] FrequencyGroups(LvisProtocol protocol, IReadOnlyList<Category> categories)
    {
        // Of a category that is listed twice, the last entry counts.
        var frequencies = new Dictionary<long, string?>();
        foreach (var category in categories)
            frequencies[category.Id] = category.Frequency;
        long[] evaluated = [.. (protocol.CategoryIds ?? [.. frequencies.Keys]).Distinct().Order()];
        return Array.ConvertAll(LvisRequirements.Frequencies, group => Enumerable.Range(0, evaluated.Length).Where(k => frequencies.GetValueOrDefault(evaluated[k]) == group).ToArray());
    }

    // The reference indexes its arrays with the groups and the area range together.
    private static void RequireReferenceGroups(LvisProtocol protocol, string[] areas, int[][] groups)
    {
        if (!protocol.UseCategories && groups.Any(group => group.Any(k => k > 0)))
            throw new NoSummaryException("the reference fails where several categories are pooled: it looks for each category's frequency group");
        if (!areas.Contains("all") && groups.Any(group => group.Length > 1))
            throw new NoSummaryException("the reference's summary needs an area range named \"all\"");
    }

    private static string Suffix(LvisProtocol protocol, int limit)
        => string.Create(CultureInfo.InvariantCulture, $"@{limit}{(protocol.Limit is LvisLimit.Category ? "/cat" : "")}");
}
