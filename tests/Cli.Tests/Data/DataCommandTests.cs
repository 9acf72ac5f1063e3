using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serve.Cli.Tests.Data;

public sealed partial class DataCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    // The folder of the examples, so that they run as they stand.
    private string Demo => _folder.File("data/demo-scenes");

    public async ValueTask InitializeAsync()
    {
        var run = await CommandRun.OfAsync("data", "make", "--out", Demo, "--train", "3", "--val", "3", "--test", "0");
        Assert.Equal(0, run.ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_faultless_dataset_passes_the_check()
    {
        var run = await CommandRun.OfAsync("data", "check", Demo, "--json", _folder.File("check.json"));

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith($"{Demo} (coco)", run.Output);
        Assert.Contains("errors: none", run.Output);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("check.json"), TestContext.Current.CancellationToken));
        Assert.Equal((0, "train", "val"), (
            json.RootElement.GetProperty("errors").GetInt32(),
            json.RootElement.GetProperty("splits")[0].GetProperty("name").GetString(), json.RootElement.GetProperty("splits")[1].GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Errors_end_with_2_and_all_are_listed_on_the_output()
    {
        var file = Path.Combine(Demo, "annotations/instances_val.json");
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, BoxStart().Replace(text, "\"bbox\":[NaN,", 1).Replace("\"category_id\":1,", "\"category_id\":77,", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        File.Delete(Directory.GetFiles(Path.Combine(Demo, "images/val"))[0]);

        var run = await CommandRun.OfAsync("data", "check", Demo, "--examples", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("not-finite, 1 time", run.Output);
        Assert.Contains("unknown-category, ", run.Output);
        Assert.Contains("missing-picture, 1 time", run.Output);
        Assert.DoesNotContain("serve: ", run.Error);
    }

    [Fact]
    public async Task A_dataset_comes_back_from_yolo()
    {
        var there = await CommandRun.OfAsync("data", "convert", Demo, "--to", "yolo", "--polygons", "--out", _folder.File("yolo"), "--split", "val");
        var back = await CommandRun.OfAsync("data", "convert", _folder.File("yolo/data.yaml"), "--to", "coco", "--out", _folder.File("again"), "--pictures", "link");
        var check = await CommandRun.OfAsync("data", "check", _folder.File("again"));

        Assert.Equal((0, 0, 0), (there.ExitCode, back.ExitCode, check.ExitCode));
        Assert.Contains("crowd regions left out: YOLO text has no mark for them", there.Output);
        Assert.Matches("again: val: 3 images, [0-9]+ objects", back.Output);
        Assert.NotNull(new FileInfo(Directory.GetFiles(_folder.File("again/images/val"))[0]).LinkTarget);
        Assert.Contains("errors: none", check.Output);
    }

    [Fact]
    public async Task Statistics_come_as_tables_json_and_pictures()
    {
        var run = await CommandRun.OfAsync("data", "stats", Demo, "--svg", _folder.File("a.svg"), "--png", _folder.File("a.png"), "--json", _folder.File("a.json"));

        Assert.Equal(0, run.ExitCode);
        Assert.Matches("images +3 +3", run.Output);
        Assert.Contains("relative scale of objects", run.Output);
        Assert.StartsWith("<svg ", await File.ReadAllTextAsync(_folder.File("a.svg"), TestContext.Current.CancellationToken));
        Assert.Equal((byte)0x89, (await File.ReadAllBytesAsync(_folder.File("a.png"), TestContext.Current.CancellationToken))[0]);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("a.json"), TestContext.Current.CancellationToken));
        Assert.Equal(3, json.RootElement.GetProperty("splits")[1].GetProperty("images").GetInt32());
    }

    [Theory]
    [InlineData("check")]
    [InlineData("convert")]
    [InlineData("stats")]
    public async Task The_examples_of_the_help_run_as_they_stand(string command)
    {
        var help = await CommandRun.OfAsync("data", command, "--help");
        var examples = Example().Matches(help.Output).Select(match => match.Groups[1].Value.Trim()).ToArray();

        Assert.InRange(examples.Length, 2, 5);
        foreach (var example in examples)
        {
            var run = await CommandRun.OfAsync([.. example.Split(' ').Select(Local)]);
            Assert.True(run.ExitCode == 0, $"serve {example}\n{run.Output}\n{run.Error}");
        }
    }

    [Fact]
    public async Task The_example_of_the_help_of_make_runs_as_it_stands()
    {
        Directory.Delete(Demo, recursive: true);
        var help = await CommandRun.OfAsync("data", "make", "--help");
        var example = Assert.Single(Example().Matches(help.Output)).Groups[1].Value.Trim();

        // As it stands, but for the number of images.
        var run = await CommandRun.OfAsync([.. example.Split(' ').Select(Local), "--train", "1", "--val", "1", "--test", "1"]);

        Assert.True(run.ExitCode == 0, $"serve {example}\n{run.Output}\n{run.Error}");
        Assert.True(File.Exists(Path.Combine(Demo, "annotations", "instances_test.json")));
    }

    [Fact]
    public async Task Pictures_that_are_not_there_can_be_named_or_left_out()
    {
        Directory.CreateDirectory(_folder.File("voc/Annotations"));
        File.WriteAllText(_folder.File("voc/Annotations/a.xml"), """
            <annotation><filename>a.jpg</filename><size><width>50</width><height>40</height><depth>3</depth></size>
            <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>
            """);

        var refused = await CommandRun.OfAsync("data", "convert", _folder.File("voc"), "--to", "coco", "--out", _folder.File("new"));
        var without = await CommandRun.OfAsync("data", "convert", _folder.File("voc"), "--to", "coco", "--out", _folder.File("new"), "--pictures", "none");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("there is no picture \"a.jpg\" in ", refused.Error);
        Assert.Contains("; --images names the folder they are in, --pictures none converts without them.", refused.Error);
        Assert.Equal(0, without.ExitCode);
    }

    [Fact]
    public async Task The_commands_of_the_page_on_datasets_run_as_they_stand()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(TestFiles.Root, "docs", "datasets.md"), TestContext.Current.CancellationToken);
        var commands = PageCommand().Matches(page).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(5, commands.Length);
        // The demo dataset is there already, and smaller: too small for a batch of the preview, which has tests of its own.
        foreach (var command in commands.Where(command => !command.Contains("data make", StringComparison.Ordinal) && !command.Contains("data preview", StringComparison.Ordinal)))
        {
            var run = await CommandRun.OfAsync([.. command.Split(' ').Select(Local)]);
            Assert.True(run.ExitCode == 0, $"{command}\n{run.Output}\n{run.Error}");
        }
    }

    [Theory]
    [InlineData("check no-such-folder", "serve: no-such-folder: there is no such file or folder.")]
    [InlineData("check {0} --from waymo", "not a Waymo dataset; looked for camera_box/*.parquet")]
    [InlineData("check {0} --from xml", "--from: got xml, allowed are auto, coco, voc, yolo, manga109, waymo.")]
    [InlineData("check {0} --split test", "there is no split \"test\"; there are train, val.")]
    [InlineData("check {0} --split ,", "--split: got no name, allowed are train, val.")]
    [InlineData("check {0} --examples 0", "--examples: got 0, allowed are whole numbers from 1.")]
    [InlineData("check {0} --frames f12", "--frames: got f12, allowed are f0 to f9")]
    [InlineData("check {0} --images no-such-folder", "no-such-folder: there is no such folder of pictures.")]
    [InlineData("convert {0} --to waymo --out {0}-new", "--to: got waymo, allowed are coco, voc, yolo.")]
    [InlineData("convert {0} --to coco --out {0}", "this one holds something.")]
    [InlineData("convert {0} --to coco --out {0}-new --pictures move", "--pictures: got move, allowed are copy, link, none.")]
    [InlineData("convert {0} --to coco --out {0}-new --drop-empty --keep-empty", "--drop-empty and --keep-empty: give one of them.")]
    public async Task Bad_arguments_end_with_2_and_say_what_is_allowed(string arguments, string message)
    {
        var run = await CommandRun.OfAsync(["data", .. arguments.Split(' ').Select(argument => argument.Replace("{0}", Demo, StringComparison.Ordinal))]);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("serve: ", run.Error);
        Assert.Contains(message, run.Error);
        Assert.Empty(run.Output);
    }

    private string Local(string argument)
        => argument.StartsWith("data/", StringComparison.Ordinal) || argument.EndsWith(".json", StringComparison.Ordinal) || argument.EndsWith(".svg", StringComparison.Ordinal) || argument.EndsWith(".png", StringComparison.Ordinal)
            ? _folder.File(argument)
            : argument;

    [GeneratedRegex(@"serve (data .*)")]
    private static partial Regex Example();

    [GeneratedRegex(@"^\./serve (data .*)$", RegexOptions.Multiline)]
    private static partial Regex PageCommand();

    [GeneratedRegex(@"""bbox"":\[[0-9.]+,")]
    private static partial Regex BoxStart();
}
