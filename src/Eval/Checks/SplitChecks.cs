using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Splits that disagree about their categories.</summary>
internal static class SplitChecks
{
    /// <summary>Checks all splits against the first.</summary>
    public static void Check(IReadOnlyList<DatasetSplit> splits, IFaultSink faults)
    {
        if (splits.Count < 2)
            return;
        var first = splits[0];
        var (names, ids) = (new Dictionary<long, string>(), new Dictionary<string, long>(StringComparer.Ordinal));
        foreach (var category in first.Dataset.Categories)
        {
            names.TryAdd(category.Id, category.Name);
            ids.TryAdd(category.Name, category.Id);
        }
        foreach (var split in splits.Skip(1))
        {
            var place = new RecordPlace($"split {split.Name}", "");
            foreach (var category in split.Dataset.Categories)
            {
                if (names.TryGetValue(category.Id, out var name) && name != category.Name)
                    faults.Report(new(FaultKinds.CategoriesDiffer, place, "", $"calls category {category.Id} \"{category.Name}\"; split {first.Name} calls it \"{name}\""));
                else if (ids.TryGetValue(category.Name, out var id) && id != category.Id)
                    faults.Report(new(FaultKinds.CategoriesDiffer, place, "", $"gives \"{category.Name}\" the id {category.Id}; split {first.Name} gives it {id}"));
            }
        }
    }
}
