using System.Text.Json;

namespace Serve.Cli.Tests.Evaluate;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_and_arrays_hold_the_numbers_of_the_evaluation()
    {
        // Two objects; one is found exactly, the other not: precision 1 up to half the recall, so 51 of 101 recall points.
        Write("truth.json", """
            {"images":[{"id":1,"width":100,"height":100,"file_name":"a.png"}],"categories":[{"id":7,"name":"cell"}],
             "annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[10,10,40,40],"area":1600,"iscrowd":0},
                            {"id":2,"image_id":1,"category_id":7,"bbox":[60,60,30,30],"area":900,"iscrowd":0}]}
            """);
        Write("results.json", """[{"image_id":1,"category_id":7,"bbox":[10,10,40,40],"score":0.9}]""");

        var run = await CommandRun.OfAsync(
            "evaluate", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"),
            "--json", _folder.File("report.json"), "--arrays", _folder.File("arrays.f64"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var report = JsonDocument.Parse(File.ReadAllText(_folder.File("report.json")));
        Assert.Equal("coco-bbox", report.RootElement.GetProperty("protocol").GetString());
        Assert.Equal(51 / 101.0, report.RootElement.GetProperty("stats")[0].GetDouble(), 1e-12);
        Assert.Equal("cell", report.RootElement.GetProperty("perCategory")[0].GetProperty("name").GetString());
        Assert.Equal(0.5, report.RootElement.GetProperty("perCategory")[0].GetProperty("ar").GetDouble(), 1e-12);
        Assert.Equal(((10 * 101 * 4 * 3) + (10 * 4 * 3) + (10 * 101 * 4 * 3)) * sizeof(double), new FileInfo(_folder.File("arrays.f64")).Length);
        Assert.Contains("0.505", run.Output);
    }

    [Fact]
    public async Task A_fault_in_a_file_ends_with_2_and_names_file_and_record()
    {
        Write("truth.json", """{"images":[{"id":1}],"categories":[{"id":1,"name":"a"}],"annotations":[{"id":5,"image_id":1,"category_id":1,"bbox":[1,2,3]}]}""");
        Write("results.json", "[]");

        var run = await CommandRun.OfAsync(
            "evaluate", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"), "--json", _folder.File("report.json"));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("truth.json", run.Error);
        Assert.Contains("5", run.Error);
        Assert.False(File.Exists(_folder.File("report.json")));
    }

    [Theory]
    [InlineData("--truth")]
    [InlineData("--baseline")]
    public async Task A_table_in_the_place_of_JSON_is_not_poured_into_the_message(string option)
    {
        Write("truth.json", """{"images":[{"id":1}],"categories":[{"id":1,"name":"a"}],"annotations":[]}""");
        Write("results.json", "[]");
        Write("res.csv", "file_name,category,x,y,width,height,score\n" + string.Concat(Enumerable.Repeat("private.png,cell,10,10,40,40,0.9\n", 5000)));
        var files = new Dictionary<string, string> { ["--truth"] = "truth.json", ["--detections"] = "results.json", [option] = "res.csv" };

        var run = await CommandRun.OfAsync(["evaluate", .. files.SelectMany(pair => new[] { pair.Key, _folder.File(pair.Value) }), "--markdown", _folder.File("report.md")]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("res.csv: ", run.Error);
        Assert.Contains("file_name,category,x…", run.Error);
        Assert.DoesNotContain("private", run.Error);
        Assert.InRange(run.Error.Length, 1, 400);
    }

    [Fact]
    public async Task What_begins_as_no_JSON_is_said_to_be_none()
    {
        Write("res.csv", "file_name,category,x\na.png,cell,1\n");

        var run = await CommandRun.OfAsync("evaluate", "--truth", _folder.File("res.csv"), "--detections", _folder.File("res.csv"));

        Assert.Equal(
            $"serve: {_folder.File("res.csv")}: not valid JSON at line 1, byte 1: it begins with \"file_name,category,x…\", which is no JSON.{Environment.NewLine}", run.Error);
    }

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);
}
