using Serve.Eval.Reports;

namespace Serve.Cli.Tests.Evaluate;

/// <summary><c>serve evaluate --model … --detections-out FILE</c>.</summary>
public sealed class DetectionsOutTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public async ValueTask InitializeAsync()
        => Assert.Equal(0, (await CommandRun.OfAsync("data", "make", "--out", _folder.File("scenes"), "--train", "0", "--val", "0", "--test", "6")).ExitCode);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_written_evaluates_to_the_same_bits()
    {
        var model = await EvaluateAsync("--detections-out", _folder.File("new/found.json"), "--json", _folder.File("model.json"));
        var file = await CommandRun.OfAsync(
            "evaluate", "--truth", _folder.File("scenes/annotations/instances_test.json"), "--detections", _folder.File("new/found.json"), "--json", _folder.File("file.json"));

        Assert.Equal((0, 0, ""), (model.ExitCode, file.ExitCode, file.Error));
        var (ofModel, ofFile) = (Report("model.json"), Report("file.json"));
        Assert.True(ofModel.Stats[0] > 0);
        Assert.Equal((ofModel with { Provenance = null }).ToJson(), (ofFile with { Provenance = null }).ToJson());
        Assert.Equal(["found.json"], Directory.EnumerateFiles(_folder.File("new")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_refused_before_anything_is_detected()
    {
        var folder = await EvaluateAsync("--detections-out", _folder.Path);
        var twice = await EvaluateAsync("--detections-out", _folder.File("both.json"), "--json", _folder.File("both.json"));

        Assert.Equal((2, $"serve: --detections-out: {_folder.Path} is a folder; it must be a file.{Environment.NewLine}"), (folder.ExitCode, folder.Error));
        Assert.Equal((2, $"serve: --json and --detections-out name the same file {_folder.File("both.json")}.{Environment.NewLine}"), (twice.ExitCode, twice.Error));
    }

    [Fact]
    public async Task It_is_for_a_model()
    {
        var run = await CommandRun.OfAsync("evaluate", "--truth", "a.json", "--detections", "b.json", "--detections-out", _folder.File("c.json"));

        Assert.Equal((2, $"serve: evaluate: give either --truth and --detections, or --model and --data.{Environment.NewLine}"), (run.ExitCode, run.Error));
    }

    private Task<CommandRun> EvaluateAsync(params string[] options) => CommandRun.OfAsync([
        "evaluate", "--model", "demo-scenes", "--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu", "--data", _folder.File("scenes"), .. options]);

    private EvaluationReport Report(string name) => EvaluationReport.FromJson(File.ReadAllText(_folder.File(name)));
}
