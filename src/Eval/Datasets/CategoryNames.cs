namespace Serve.Eval.Datasets;

/// <summary>Names of categories: the id as text where the dataset does not list one, <c>all</c> where categories are pooled.</summary>
internal sealed class CategoryNames
{
    private readonly Dictionary<long, string> names = [];

    /// <summary>Collects the names.</summary>
    public CategoryNames(Dataset dataset, Protocol protocol)
    {
        if (!protocol.UseCategories)
        {
            names[-1] = "all";
            return;
        }
        foreach (var category in dataset.Categories)
            names[category.Id] = category.Name;
    }

    /// <summary>The name of a category.</summary>
    public string this[long id] => names.GetValueOrDefault(id, $"{id}");
}
