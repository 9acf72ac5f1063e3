using Serve.Eval.Checks;
using Serve.Eval.Formats;
using Serve.Eval.Tests.Formats;

namespace Serve.Eval.Tests.Checks;

/// <summary>Checks datasets that tests write.</summary>
internal static class CheckTrial
{
    /// <summary>A faultless annotation file with one image, one category and one object, in which parts are replaced.</summary>
    public static string Json(
        string images = "{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100, \"height\": 50}",
        string categories = "{\"id\": 1, \"name\": \"cat\"}",
        string annotations = "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"area\": 400, \"iscrowd\": 0}")
        => $"{{\"images\": [{images}], \"categories\": [{categories}], \"annotations\": [{annotations}]}}";

    /// <summary>What a check of an annotation file finds, without pictures.</summary>
    public static async Task<IReadOnlyList<CheckFinding>> FindAsync(string json)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/instances_val.json", json);
        return await FindInAsync(folder.Path);
    }

    /// <summary>What a check of a folder finds, with pictures whose texts say how large they are.</summary>
    public static async Task<IReadOnlyList<CheckFinding>> FindInAsync(string path, bool pictures = false)
    {
        var faults = new FaultCollector();
        var source = DatasetSources.Open(path, null, SourceTrial.Options);
        source.CheckWhole(faults);
        var splits = new List<DatasetSplit>();
        foreach (var name in source.DistinctSplits)
            splits.Add(await source.ReadAsync(name, faults, null, TestContext.Current.CancellationToken));
        DatasetCheck.CheckRecords(splits, faults);
        if (pictures)
            await DatasetCheck.CheckPicturesAsync(splits, SourceTrial.Size, faults, null, TestContext.Current.CancellationToken);
        return faults.Findings;
    }

    /// <summary>Findings as <c>code: file: sentence</c>, a line an example.</summary>
    public static IEnumerable<string> Lines(IEnumerable<CheckFinding> findings)
        => findings.SelectMany(finding => finding.Examples.Select(fault => $"{finding.Kind.Code}: {fault.Place.File}: {fault.Sentence}"));
}
