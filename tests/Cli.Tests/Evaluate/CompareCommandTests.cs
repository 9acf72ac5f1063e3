using System.Text.Json;

namespace Serve.Cli.Tests.Evaluate;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    /// <summary>Forty images with an object each: the first result finds all, the second every other one, the third none.</summary>
    public CompareCommandTests()
    {
        var images = Enumerable.Range(1, 40).ToArray();
        var objects = images.Select(i => $$"""{"id":{{i}},"image_id":{{i}},"category_id":7,"bbox":[10,10,40,40],"area":1600,"iscrowd":0}""");
        Write("instances_val.json", $$"""
            {"images":[{{string.Join(',', images.Select(i => $$"""{"id":{{i}},"width":100,"height":100,"file_name":"{{i}}.png"}"""))}}],
             "categories":[{"id":7,"name":"cell"},{"id":8,"name":"without objects"}],"annotations":[{{string.Join(',', objects)}}]}
            """);
        Write("first.json", Results(images));
        Write("second.json", Results(images.Where(i => i % 2 == 0)));
        Write("third.json", "[]");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_example_of_the_help_text_runs_as_it_stands()
    {
        var help = (await CommandRun.OfAsync("compare", "--help")).Output;
        var example = help.Split("Example: serve ")[1].Split('\n')[0].Trim();
        string[] arguments = [.. example.Split(' ').Select(word => word.EndsWith(".json", StringComparison.Ordinal) ? _folder.File(word) : word)];

        var run = await CommandRun.OfAsync(arguments);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var comparison = JsonDocument.Parse(File.ReadAllText(_folder.File("comparison.json")));
        Assert.Equal("coco-bbox", comparison.RootElement.GetProperty("protocol").GetString());
        Assert.Equal(["AP", "AP50"], comparison.RootElement.GetProperty("numbers").EnumerateArray().Select(number => number.GetProperty("name").GetString()));
        Assert.Equal(1000, comparison.RootElement.GetProperty("options").GetProperty("resamples").GetInt32());
        Assert.Contains("first - second", run.Output);
    }

    [Fact]
    public async Task Results_are_ranked_and_significant_differences_are_marked()
    {
        var run = await CompareAsync("--metrics", "AR@100", "--per-category", "--resamples", "200", "--permutations", "200", "--json", _folder.File("out.json"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var comparison = JsonDocument.Parse(File.ReadAllText(_folder.File("out.json")));
        var numbers = comparison.RootElement.GetProperty("numbers").EnumerateArray().ToArray();
        Assert.Equal(["AR@100", "AP of cell"], numbers.Select(number => number.GetProperty("name").GetString()));
        Assert.Equal([1, 2, 3], numbers[0].GetProperty("results").EnumerateArray().Select(result => result.GetProperty("rank").GetInt32()));
        Assert.Equal([0.5, 1.0, 0.5], numbers[0].GetProperty("differences").EnumerateArray().Select(pair => pair.GetProperty("difference").GetProperty("value").GetDouble()));
        Assert.All(numbers[0].GetProperty("differences").EnumerateArray(), pair => Assert.True(pair.GetProperty("isSignificant").GetBoolean()));
        Assert.Matches(@"second - third +\+0\.5000 .* \*", run.Output);
    }

    [Fact]
    public async Task Files_of_one_name_are_called_by_their_paths()
    {
        Directory.CreateDirectory(_folder.File("other"));
        File.Copy(_folder.File("first.json"), _folder.File("other/first.json"));

        var run = await CommandRun.OfAsync(
            "compare", "--truth", _folder.File("instances_val.json"), "--detections", _folder.File("first.json"), _folder.File("other/first.json"), "--metrics", "AP", "--resamples", "20");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"{_folder.File("first.json")} - {_folder.File("other/first.json")}", run.Output);
    }

    [Fact]
    public async Task Results_may_be_csv_and_yolo_text_and_be_of_different_forms()
    {
        var images = Enumerable.Range(1, 40).ToArray();
        Write("table.csv", "file_name,category,x,y,width,height,score\n" + string.Concat(images.Select(i => $"{i}.png,cell,10,10,40,40,0.{100 + i}\n")));
        Directory.CreateDirectory(_folder.File("text"));
        foreach (var i in images)
            Write($"text/{i}.txt", $"0 0.3 0.3 0.4 0.4 0.{100 + i}\n");

        var run = await CommandRun.OfAsync(
            "compare", "--truth", _folder.File("instances_val.json"), "--detections", _folder.File("first.json"), _folder.File("table.csv"), _folder.File("text") + "/",
            "--metrics", "AP", "--resamples", "20", "--json", _folder.File("out.json"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var comparison = JsonDocument.Parse(File.ReadAllText(_folder.File("out.json")));
        var results = comparison.RootElement.GetProperty("numbers")[0].GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(["first", "table", "text"], results.Select(result => result.GetProperty("result").GetString()));
        Assert.All(results, result => Assert.Equal(1.0, result.GetProperty("estimate").GetProperty("value").GetDouble(), 1e-12));
    }

    [Fact]
    public async Task Fault_in_a_result_names_its_file()
    {
        Write("second.json", Results([99]));

        var run = await CompareAsync();

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("second.json: detection #1 lies on image 99", run.Error);
    }

    [Theory]
    [InlineData("--metrics mAP", "coco-bbox has no number \"mAP\"; it has AP, AP50, AP75")]
    [InlineData("--level 95", "Level is 95; it must be above 0 and below 1")]
    [InlineData("--resamples 0", "Resamples is 0; it must be at least 1.")]
    [InlineData("--method normal", "--method: got normal, allowed are centred, percentile, bca.")]
    [InlineData("--method 1", "--method: got 1, allowed are centred, percentile, bca.")]
    [InlineData("--protocol coco", "got coco, allowed are coco-bbox")]
    public async Task Bad_options_end_with_2_and_say_what_is_allowed(string arguments, string message)
    {
        var run = await CompareAsync(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task One_result_is_too_few()
    {
        var run = await CommandRun.OfAsync("compare", "--truth", _folder.File("instances_val.json"), "--detections", _folder.File("first.json"));

        Assert.Equal((2, $"serve: --detections: got 1 file, at least two results are needed for a comparison.{Environment.NewLine}"), (run.ExitCode, run.Error));
    }

    private Task<CommandRun> CompareAsync(params string[] options) => CommandRun.OfAsync([
        "compare", "--truth", _folder.File("instances_val.json"), "--detections", _folder.File("first.json"), _folder.File("second.json"), _folder.File("third.json"), .. options]);

    private static string Results(IEnumerable<int> images)
        => $"[{string.Join(',', images.Select(i => $$"""{"image_id":{{i}},"category_id":7,"bbox":[10,10,40,40],"score":0.{{100 + i}}}"""))}]";

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);
}
