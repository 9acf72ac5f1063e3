using Serve.Eval.Datasets;

namespace Serve.Api.Datasets.Pictures;

/// <summary>Names of a dataset's categories; the id as text of one that it does not list.</summary>
internal sealed class CategoryLabels
{
    private readonly Dictionary<long, string> _names = [];

    public string this[long id] => _names.GetValueOrDefault(id, $"{id}");

    public static CategoryLabels Of(Dataset dataset)
    {
        var labels = new CategoryLabels();
        foreach (var category in dataset.Categories)
            labels._names[category.Id] = category.Name;
        return labels;
    }
}
