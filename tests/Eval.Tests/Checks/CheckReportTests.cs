using System.Reflection;
using System.Text.Json;
using Serve.Eval.Checks;
using Serve.Eval.Formats;
using Serve.Eval.Tests.Formats;

namespace Serve.Eval.Tests.Checks;

public class CheckReportTests
{
    [Fact]
    public async Task The_text_lists_kinds_by_severity_with_counts_and_places()
    {
        var report = await ReportAsync(examples: 1);

        Assert.Equal(
            """
            data (coco)
              all: 1 images, 3 objects, 1 categories

            errors: 2
              unknown-image, 2 times: an annotation is on an image that the dataset does not list
                instances.json: annotation #2 (id 2): "image_id" is 7, which "images" does not list (1 entries)
                … and 1 more

            warnings: 1
              zero-area, 1 time: a box has no area; the COCO protocol counts it as an object that nobody can find
                instances.json: annotation #1 (id 1): "bbox" is [1, 1, 0, 2]; width and height should be above 0

            information: none

            """,
            report.ToText());
    }

    [Fact]
    public async Task The_json_holds_the_same()
    {
        var report = await ReportAsync(examples: 5);

        using var document = JsonDocument.Parse(report.ToJson());
        var root = document.RootElement;
        var finding = root.GetProperty("findings")[0];
        Assert.Equal(("data", "coco", 2, 1, 0), (
            root.GetProperty("path").GetString(), root.GetProperty("format").GetString(),
            root.GetProperty("errors").GetInt32(), root.GetProperty("warnings").GetInt32(), root.GetProperty("information").GetInt32()));
        Assert.Equal(("unknown-image", "error", 2), (finding.GetProperty("kind").GetString(), finding.GetProperty("severity").GetString(), finding.GetProperty("count").GetInt32()));
        Assert.Equal(
            ("instances.json", "annotation #2 (id 2)", "image_id", "is 7, which \"images\" does not list (1 entries)"),
            (Example("file"), Example("record"), Example("field"), Example("fault")));
        Assert.Equal(3, root.GetProperty("splits")[0].GetProperty("objects").GetInt32());

        string? Example(string name) => finding.GetProperty("examples")[0].GetProperty(name).GetString();
    }

    [Fact]
    public void Codes_are_unique_and_in_lower_case()
    {
        var kinds = typeof(FaultKinds).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(property => (FaultKind)property.GetValue(null)!).ToArray();

        Assert.Equal(kinds.Length, kinds.Select(kind => kind.Code).Distinct().Count());
        Assert.All(kinds, kind => Assert.Matches("^[a-z]+(-[a-z]+)*$", kind.Code));
        Assert.All(kinds, kind => Assert.False(kind.Title.EndsWith('.') || char.IsUpper(kind.Title[0]), kind.Title));
    }

    private static async Task<CheckReport> ReportAsync(int examples)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("instances.json", CheckTrial.Json(annotations: """
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 2]},
            {"id": 2, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]},
            {"id": 3, "image_id": 8, "category_id": 1, "bbox": [1, 1, 2, 2]}
            """));
        var faults = new FaultCollector(examples);
        var source = DatasetSources.Open(folder.File("instances.json"), null, SourceTrial.Options);
        DatasetSplit[] splits = [await source.ReadAsync("all", faults, null, TestContext.Current.CancellationToken)];
        DatasetCheck.CheckRecords(splits, faults);
        return CheckReport.From(source, splits, faults) with { Path = "data" };
    }
}
