using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Keypoints that are too few or too many, or labelled otherwise than counted.</summary>
internal static class KeypointChecks
{
    /// <summary>Checks a split.</summary>
    public static void Check(DatasetSplit split, IFaultSink faults)
    {
        if (split.Dataset.Keypoints is not { } keypoints)
            return;
        var expected = new Dictionary<long, int>();
        foreach (var category in split.Dataset.Categories)
            expected.TryAdd(category.Id, category.Keypoints?.Count ?? 0);
        for (var i = 0; i < keypoints.Count; i++)
        {
            var found = split.Dataset.GroundTruths[i];
            var count = keypoints.CountOf(i);
            if (count > 0 && expected.GetValueOrDefault(found.CategoryId) is > 0 and var wanted && wanted != count)
                Report(FaultKinds.KeypointCount, "keypoints", $"are {count}; category {found.CategoryId} has {wanted}");
            if (count > 0 && keypoints.LabelledOf(i) is >= 0 and var said && Labelled(keypoints, i) is var labelled && labelled != said)
                Report(FaultKinds.LabelledCount, "num_keypoints", $"is {said}; {labelled} keypoints are labelled (v above 0)");

            void Report(FaultKind kind, string field, string text) => faults.Report(new(kind, split.Places.OfObject(i, found.Id), field, text));
        }
    }

    private static int Labelled(KeypointTable keypoints, int row)
    {
        var values = new double[keypoints.CountOf(row) * KeypointTable.Values];
        keypoints.CopyTo(row, values);
        return values.Where((value, index) => index % KeypointTable.Values == 2 && value > 0).Count();
    }
}
