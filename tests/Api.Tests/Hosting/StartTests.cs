using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Hosting;

public class StartTests
{
    [Fact]
    public async Task Start_ends_with_2_and_the_cause_when_a_switch_is_unknown()
    {
        var (exitCode, _, error) = await ServeProcess.RunAsync(["--port", "1"]);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("Unknown argument \"--port\".", error);
    }

    [Fact]
    public async Task Start_ends_with_2_and_names_every_setting_out_of_range()
    {
        using var folder = TestFiles.NewFolder();

        var (exitCode, _, error) = await ServeProcess.RunAsync(
            ["--workspace", folder.Path, "--device", "gpu"], ("SERVE__MAXPIXELS", "0"), ("SERVE__SHARDIMAGES", "-1"));

        Assert.Equal(2, exitCode);
        Assert.Equal(
            [
                "Serve:Device: must be auto, cpu, cuda, cuda:n, tensorrt or tensorrt:n.",
                "Serve:MaxPixels: must be between 1 and 700000000.",
                "Serve:ShardImages: must be between 1 and 100000.",
            ],
            error.Trim().Split(Environment.NewLine));
    }

    [Fact]
    public async Task Settings_of_sections_are_named_with_their_section_and_fractions_are_held_to_the_range()
    {
        using var folder = TestFiles.NewFolder();

        var (exitCode, _, error) = await ServeProcess.RunAsync(
            ["--workspace", folder.Path], ("SERVE__RUN__MAXBATCH", "0"), ("SERVE__RUN__BATCHWAITMILLISECONDS", "-0.4"), ("SERVE__GPU__CONVOLUTIONSEARCH", "any"),
            ("SERVE__RATE__PERSECOND", "-0.4"), ("SERVE__FETCH__MAXREDIRECTS", "11"));

        Assert.Equal(2, exitCode);
        Assert.Equal(
            [
                "Serve:Run:MaxBatch: must be between 1 and 1024.",
                "Serve:Run:BatchWaitMilliseconds: must be between 0 and 1000.",
                "Serve:Gpu:ConvolutionSearch: must be exhaustive, heuristic or default.",
                "Serve:Rate:PerSecond: must be between 0 and 1000000.",
                "Serve:Fetch:MaxRedirects: must be between 0 and 10.",
            ],
            error.Trim().Split(Environment.NewLine));
    }

    [Theory]
    [InlineData("SERVE__MAXPIXELS", "many")]
    [InlineData("SERVE__MAXPIXLES", "1")]
    public async Task Start_ends_with_2_when_a_setting_is_no_number_or_unknown(string key, string value)
    {
        var (exitCode, _, error) = await ServeProcess.RunAsync([], (key, value));

        Assert.Equal(2, exitCode);
        Assert.Contains(key.Replace("SERVE__", "", StringComparison.Ordinal), error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", error);
    }

    [Theory]
    [InlineData("jobs.db", "The job engine's file jobs.db in the workspace cannot be used: ")]
    [InlineData("serve.db", "The database in the workspace cannot be used: ")]
    public async Task Start_ends_with_1_and_the_cause_when_a_file_of_the_workspace_cannot_be_opened(string file, string cause)
    {
        using var folder = TestFiles.NewFolder();
        Directory.CreateDirectory(folder.File($"workspace/{file}"));

        var (exitCode, _, error) = await ServeProcess.RunAsync(
            ["--urls", "http://127.0.0.1:0", "--workspace", folder.File("workspace"), "--models", folder.File("models"), "--data", folder.File("data"), "--device", "cpu"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith(cause, error);
        Assert.DoesNotContain("   at ", error);
    }

    [Fact]
    public async Task Help_prints_the_switches_and_ends_with_0()
    {
        var (exitCode, output, _) = await ServeProcess.RunAsync(["--help"]);

        Assert.Equal(0, exitCode);
        Assert.Contains("--workspace", output);
    }

    [Fact]
    public async Task Start_makes_missing_folders_and_answers_without_models()
    {
        using var folder = TestFiles.NewFolder();
        await using var server = await ServeApplication.StartAsync(folder.Path);

        var models = await server.Client.GetAsync("/v1/models", TestContext.Current.CancellationToken).JsonAsync();

        Assert.Empty(models["models"]!.AsArray());
        Assert.True(Directory.Exists(folder.File("models")));
        Assert.True(Directory.Exists(folder.File("workspace")));
    }

    [Fact]
    public async Task Demo_draws_the_dataset_in_the_background_and_a_stop_leaves_no_half_of_it()
    {
        using var folder = TestFiles.NewFolder();
        await using (var server = await ServeApplication.StartAsync(folder.Path, ("Serve:Demo", "true")))
        {
            var deadline = DateTime.UtcNow.AddSeconds(60);
            while (!Directory.EnumerateDirectories(folder.File("data")).Any())
            {
                Assert.True(DateTime.UtcNow < deadline, "Nothing is drawn.");
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            var list = await server.Client.GetAsync("/v1/datasets", TestContext.Current.CancellationToken).JsonAsync();
            Assert.Empty(list["datasets"]!.AsArray());
        }

        Assert.Empty(Directory.EnumerateDirectories(folder.File("data")));
    }

    [Fact]
    public async Task Demo_leaves_a_dataset_that_is_there()
    {
        using var folder = TestFiles.NewFolder();
        TestDataset.Write(folder.File("data/demo-scenes"), images: 2);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:Demo", "true"));

        var dataset = await server.Client.GetAsync("/v1/datasets/demo-scenes", TestContext.Current.CancellationToken).JsonAsync();

        Assert.Equal(2, (int)dataset["splits"]![0]!["images"]!);
    }
}
