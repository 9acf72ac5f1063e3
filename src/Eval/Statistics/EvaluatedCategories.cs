using Serve.Eval.Datasets;

namespace Serve.Eval.Statistics;

/// <summary>The categories whose average precision is resampled.</summary>
public static class EvaluatedCategories
{
    /// <summary>Those that have one: none where categories are pooled, and not those without objects.</summary>
    public static IReadOnlyList<Category> Of(Dataset dataset, EvaluationResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(evaluation);
        if (!evaluation.Protocol.UseCategories)
            return [];
        var evaluated = evaluation.PerCategory.Where(category => category.Ap is not null).Select(category => category.Id).ToHashSet();
        return [.. dataset.Categories.Where(category => evaluated.Contains(category.Id)).DistinctBy(category => category.Id)];
    }
}
