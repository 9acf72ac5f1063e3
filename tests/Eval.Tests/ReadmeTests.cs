using System.Runtime.CompilerServices;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests;

/// <summary>The code in the library's README is code that stands here, compiles, and does what it says. Alone, because it changes the current folder.</summary>
[Collection(nameof(ReadmeTests))]
[CollectionDefinition(nameof(ReadmeTests), DisableParallelization = true)]
public class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestFiles.Root, "src", "Eval", "README.md"));

    [Fact]
    public async Task Five_lines_load_evaluate_and_read_a_number()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = TestFiles.NewFolder();
        var before = Directory.GetCurrentDirectory();
        await File.WriteAllTextAsync(folder.File("instances_val.json"), """{"images":[{"id":1}],"categories":[{"id":1,"name":"a"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,10,10]}]}""", ct);
        await File.WriteAllTextAsync(folder.File("results.json"), """[{"image_id":1,"category_id":1,"bbox":[0,0,10,6],"score":0.5}]""", ct);
        var printed = new List<double?>();

        Directory.SetCurrentDirectory(folder.Path);
        try
        {
            // shown
            var dataset = await CocoDatasetReader.ReadAsync("instances_val.json", ct);
            var detections = await CocoResults.ReadAsync("results.json", ct);
            var evaluation = Evaluator.Evaluate(dataset, detections, CocoProtocol.BoundingBox, ct: ct);
            Console.WriteLine(evaluation["AP"]);
            Console.WriteLine(evaluation["AP50"]);
            // end
            printed.AddRange([evaluation["AP"], evaluation["AP50"]]);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }

        Assert.Contains(Shown(), Readme, StringComparison.Ordinal);
        Assert.Equal(0.3, printed[0]!.Value, 1e-12);
        Assert.Equal(1, printed[1]!.Value, 1e-12);
    }

    [Fact]
    public async Task The_page_for_users_of_pycocotools_shows_code_that_works()
    {
        var ct = TestContext.Current.CancellationToken;
        using var folder = TestFiles.NewFolder();
        var before = Directory.GetCurrentDirectory();
        await File.WriteAllTextAsync(folder.File("instances_val.json"), """{"images":[{"id":1}],"categories":[{"id":1,"name":"a"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,10,10]}]}""", ct);
        await File.WriteAllTextAsync(folder.File("results.json"), """[{"image_id":1,"category_id":1,"bbox":[0,0,10,10],"score":0.5}]""", ct);
        double? found;
        int values;

        Directory.SetCurrentDirectory(folder.Path);
        try
        {
            // shown
            var dataset = await CocoDatasetReader.ReadAsync("instances_val.json", ct);
            var detections = await CocoResults.ReadAsync("results.json", ct);
            var protocol = CocoProtocol.BoundingBox with { MaxDetections = [1, 10, 300] };
            var evaluation = Evaluator.Evaluate(dataset, detections, protocol, ct: ct);
            var ap = evaluation["AP"];
            var precision = evaluation.Curves.Precision;      // [T, R, K, A, M], row-major; Curves.IndexOf finds a place
            // end
            (found, values) = (ap, precision.Length);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }

        Assert.Contains(Shown(), File.ReadAllText(Path.Combine(TestFiles.Root, "docs", "coming-from-pycocotools.md")), StringComparison.Ordinal);
        Assert.Equal(1, found!.Value, 1e-12);
        Assert.Equal(10 * 101 * 1 * 4 * 3, values);
    }

    [Fact]
    public void Parameters_are_changed_with_with()
    {
        // shown
        var protocol = CocoProtocol.BoundingBox with { IouThresholds = [0.5], MaxDetections = [300], UseCategories = false };
        // end

        Assert.Contains(Shown(), Readme, StringComparison.Ordinal);
        protocol.Validate();
        Assert.Equal("coco-bbox", protocol.Name);
    }

    [Fact]
    public void Batches_are_added_as_they_come()
    {
        var ct = TestContext.Current.CancellationToken;
        var dataset = new Dataset([], [new(1, "a")], [], "");
        var (firstBatch, firstDetections) = Image(1, found: true);
        var (secondBatch, secondDetections) = Image(2, found: false);

        // shown
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, dataset.Categories);
        evaluator.Add(firstBatch, firstDetections, ct);
        evaluator.Add(secondBatch, secondDetections, ct);
        var ap = evaluator.Evaluate(ct)["AP"];
        // end

        Assert.Contains(Shown(), Readme, StringComparison.Ordinal);
        // One of two objects is found: precision 1 at the 51 recall points up to one half.
        Assert.Equal(51 / 101.0, ap!.Value, 1e-12);
    }

    private static (Dataset Batch, DetectionTable Detections) Image(long id, bool found)
    {
        var table = new DetectionTable();
        if (found)
            table.Add(id, 1, 0, 0, 10, 10, 0.5);
        return (new([new(id, "", 0, 0)], [], [new(id, id, 1, 0, 0, 10, 10, 100, false)], ""), table);
    }

    /// <summary>The lines between "shown" and "end" of the calling test.</summary>
    private static string Shown([CallerFilePath] string path = "", [CallerLineNumber] int line = 0)
    {
        var lines = File.ReadAllLines(path)[..line];
        var (from, to) = (Array.FindLastIndex(lines, l => l.Trim() == "// shown"), Array.FindLastIndex(lines, l => l.Trim() == "// end"));
        return string.Join('\n', lines[(from + 1)..to].Select(l => l.Trim()));
    }
}
