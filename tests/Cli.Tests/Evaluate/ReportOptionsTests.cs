using System.Text.Json;
using System.Xml.Linq;

namespace Serve.Cli.Tests.Evaluate;

/// <summary>The files and analyses of <c>serve evaluate</c>.</summary>
public sealed class ReportOptionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public ReportOptionsTests()
    {
        Write("truth.json", """
            {"images":[{"id":1,"width":100,"height":100,"file_name":"first.png"},{"id":2,"width":100,"height":100,"file_name":"second.png"}],
             "categories":[{"id":7,"name":"cell"},{"id":8,"name":"core"}],
             "annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[10,10,40,40],"area":1600,"iscrowd":0},
                            {"id":2,"image_id":1,"category_id":8,"bbox":[60,60,30,30],"area":900,"iscrowd":0},
                            {"id":3,"image_id":2,"category_id":7,"bbox":[10,10,40,40],"area":1600,"iscrowd":0}]}
            """);
        Write("results.json", """
            [{"image_id":1,"category_id":7,"bbox":[10,10,40,40],"score":0.9},{"image_id":1,"category_id":7,"bbox":[60,60,30,30],"score":0.4},
             {"image_id":2,"category_id":7,"bbox":[12,10,40,40],"score":0.8}]
            """);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_run_writes_every_form_and_leaves_nothing_else()
    {
        var run = await EvaluateAsync("--json", File("r.json"), "--html", File("r.html"), "--csv", File("deep/er/r.csv"), "--markdown", File("r.md"), "--intervals", "--resamples", "50", "--errors");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File("r.json")));
        Assert.Equal(50, json.RootElement.GetProperty("intervals").GetProperty("options").GetProperty("resamples").GetInt32());
        Assert.Equal("Cls", json.RootElement.GetProperty("errors").GetProperty("breakdown").GetProperty("errors")[0].GetProperty("error").GetString());
        var provenance = json.RootElement.GetProperty("provenance");
        Assert.Equal(("truth.json", "results.json"), (provenance.GetProperty("groundTruth").GetString(), provenance.GetProperty("detections").GetString()));
        Assert.StartsWith("./serve evaluate --truth truth.json --detections results.json --json r.json", provenance.GetProperty("command").GetString());
        Assert.InRange(provenance.GetProperty("date").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal("html", XDocument.Load(File("r.html")).Root!.Name.LocalName);
        Assert.StartsWith("scope,categoryId,category,number,value,lower,upper,standardError\r\nsummary,,,AP,", System.IO.File.ReadAllText(File("deep/er/r.csv")));
        Assert.StartsWith("### coco-bbox: AP ", System.IO.File.ReadAllText(File("r.md")));
        Assert.Contains("Cls  wrong category", run.Output);
        Assert.Contains("95% centred intervals of 50 resamples", run.Output);
        Assert.Equal(
            ["deep", "r.html", "r.json", "r.md", "results.json", "truth.json"],
            Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Analyses_cost_nothing_where_they_are_not_asked_for_and_the_page_has_errors_of_itself()
    {
        var run = await EvaluateAsync("--json", File("r.json"), "--html", File("r.html"), "--markdown", File("r.md"));

        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File("r.json")));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("errors").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("intervals").ValueKind);
        Assert.DoesNotContain("wrong category", System.IO.File.ReadAllText(File("r.md")) + run.Output);
        Assert.Contains("wrong category", System.IO.File.ReadAllText(File("r.html")));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_intervals()
    {
        await EvaluateAsync("--csv", File("a.csv"), "--intervals", "--resamples", "40", "--seed", "5");
        await EvaluateAsync("--csv", File("b.csv"), "--intervals", "--resamples", "40", "--seed", "5");
        await EvaluateAsync("--csv", File("c.csv"), "--intervals", "--resamples", "40", "--seed", "6");

        Assert.Equal(System.IO.File.ReadAllText(File("a.csv")), System.IO.File.ReadAllText(File("b.csv")));
        Assert.NotEqual(System.IO.File.ReadAllText(File("a.csv")), System.IO.File.ReadAllText(File("c.csv")));
    }

    [Fact]
    public async Task A_baseline_shows_what_changed()
    {
        await EvaluateAsync("--json", File("before.json"));
        Write("results.json", """[{"image_id":1,"category_id":7,"bbox":[10,10,40,40],"score":0.9},{"image_id":1,"category_id":8,"bbox":[60,60,30,30],"score":0.4}]""");

        await EvaluateAsync("--markdown", File("r.md"), "--html", File("r.html"), "--baseline", File("before.json"));

        Assert.Contains("| number | value | before | change |", System.IO.File.ReadAllText(File("r.md")));
        Assert.Contains("Categories that changed most (AP): core +1.000, cell −0.446.", System.IO.File.ReadAllText(File("r.md")));
        Assert.Contains("change up", System.IO.File.ReadAllText(File("r.html")));
    }

    [Fact]
    public async Task Nothing_is_told_of_single_images_where_that_is_asked()
    {
        await EvaluateAsync("--json", File("r.json"), "--html", File("r.html"), "--errors", "--without-images");

        Assert.DoesNotContain("second.png", System.IO.File.ReadAllText(File("r.json")) + System.IO.File.ReadAllText(File("r.html")));
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File("r.json")));
        Assert.Equal(0, json.RootElement.GetProperty("errors").GetProperty("images").GetArrayLength());
    }

    [Fact]
    public async Task Scales_are_those_of_the_benchmark()
    {
        var run = await EvaluateAsync("--protocol", "usb", "--scales", "--json", File("r.json"));

        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(File("r.json")));
        Assert.Equal(
            ["COCO", "RSAP", "ASAP", "ASAP, linear", "TinyPerson", "BandASAP"],
            json.RootElement.GetProperty("scales").GetProperty("measures").EnumerateArray().Select(measure => measure.GetProperty("name").GetString()));
        Assert.Contains("BandASAP", run.Output);
    }

    [Theory]
    [InlineData("--json truth.json/r.json", "--json: truth.json/r.json cannot be written: ")]
    [InlineData("--html .", "--html: . is a folder; it must be a file.")]
    [InlineData("--csv r --markdown ./r", "--csv and --markdown name the same file ")]
    [InlineData("--resamples 10", "--resamples is for --intervals, which is not given.")]
    [InlineData("--seed 3", "--seed is for --intervals, which is not given.")]
    [InlineData("--intervals --resamples 0", "Resamples is 0; it must be at least 1.")]
    [InlineData("--scales", "--scales: coco-bbox has no scale measures; usb, usb-wod and usb-m109s have.")]
    [InlineData("--baseline truth.json", "--baseline is for --markdown and --html, of which none is given.")]
    [InlineData("--baseline no.json --html r.html", "--baseline: there is no file no.json.")]
    [InlineData("--baseline truth.json --html r.html", "--baseline: truth.json: The report is not one that `evaluate --json` writes: ")]
    public async Task What_cannot_be_done_is_refused_before_anything_is_read(string options, string message)
    {
        // Files that cannot be read would be complained of first, were they read first.
        var arguments = options.Split(' ').Select(word => word is "." or "r" or "./r" || word.EndsWith(".json", StringComparison.Ordinal) || word.EndsWith(".html", StringComparison.Ordinal) ? Path.Join(_folder.Path, word) : word);

        var run = await CommandRun.OfAsync(["evaluate", "--truth", "no-truth.json", "--detections", "no-results.json", .. arguments]);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"serve: {message}", run.Error.Replace(_folder.Path + "/", "", StringComparison.Ordinal));
    }

    private Task<CommandRun> EvaluateAsync(params string[] options)
        => CommandRun.OfAsync(["evaluate", "--truth", File("truth.json"), "--detections", File("results.json"), .. options]);

    private string File(string name) => _folder.File(name);

    private void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);
}
