using Serve.Eval.Datasets;

namespace Serve.Api.Datasets;

/// <summary>The datasets of this server.</summary>
/// <param name="Datasets">By name.</param>
public sealed record DatasetList(IReadOnlyList<DatasetSummary> Datasets);

/// <summary>One dataset.</summary>
/// <param name="Name">Name of the dataset.</param>
/// <param name="Splits">Its splits, by name.</param>
public sealed record DatasetSummary(string Name, IReadOnlyList<SplitSummary> Splits);

/// <summary>One split of a dataset.</summary>
/// <param name="Name">Name of the split: <c>train</c>, <c>val</c>, <c>test</c>, or <c>all</c> when there is one.</param>
/// <param name="Images">Number of images.</param>
/// <param name="Annotations">Number of annotated objects.</param>
/// <param name="Categories">Names of the categories, in file order.</param>
/// <param name="ContentHash">SHA-256 of the annotation file, lower-case hexadecimal.</param>
/// <param name="Fault">Why the split cannot be read; null when it can.</param>
public sealed record SplitSummary(string Name, int Images, int Annotations, IReadOnlyList<string> Categories, string? ContentHash, string? Fault)
{
    internal static SplitSummary Of(string name, Dataset dataset) => new(
        name, dataset.Images.Count, dataset.GroundTruths.Count, [.. dataset.Categories.Select(category => category.Name)], dataset.ContentHash, null);
}
