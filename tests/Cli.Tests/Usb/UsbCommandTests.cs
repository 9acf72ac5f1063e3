using System.Text.Json;
using System.Text.RegularExpressions;
using Serve.Eval.Usb;

namespace Serve.Cli.Tests.Usb;

public sealed partial class UsbCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("usb")]
    [InlineData("usb divisions")]
    [InlineData("usb check")]
    [InlineData("usb report")]
    [InlineData("usb scales")]
    public async Task Help_of_each_command_has_an_example(string command)
    {
        var run = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Example", run.Output);
        Assert.Contains($"serve {command}", run.Output);
    }

    [Theory]
    [InlineData("usb check", "give either models, or --epochs and --pixels")]
    [InlineData("usb check blood-cells --epochs 3", "give either models, or --epochs and --pixels")]
    [InlineData("usb check no-such-model", "there is no model no-such-model")]
    [InlineData("usb check no-such.json", "no-such.json: there is no such passport.")]
    [InlineData("usb check --epochs -1", "--epochs: got -1, allowed are numbers from 0.")]
    [InlineData("usb check --epochs 1 --pixels 800", "--pixels: got 800, allowed is a width and a height")]
    [InlineData("usb check --epochs 1 --reported one", "--reported: got one, allowed are training divisions, e.g. 1.0,2.0,3.0,3.1,Freestyle")]
    [InlineData("usb check --epochs 1 --divisions no.json", "no.json: there is no such file")]
    [InlineData("usb report", "give at least one of --coco, --wod and --m109s")]
    [InlineData("usb report --wod no.json", "--wod: there is no file no.json")]
    [InlineData("usb scales --truth a --detections b --measures area", "--measures: got area, allowed are relative, absolute, linear, bands, tiny-person")]
    [InlineData("usb scales --truth a --detections b --dataset voc", "--dataset: got voc, allowed are coco, wod, m109s")]
    [InlineData("usb scales --truth no.json --detections b", "there is no file no.json")]
    public async Task Bad_input_ends_with_2_and_says_what_is_allowed(string arguments, string message)
    {
        var run = await CommandRun.OfAsync([.. arguments.Split(' '), .. arguments.Contains("such-model", StringComparison.Ordinal) ? ["--models", Path.Combine(TestFiles.Root, "models")] : (string[])[]]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Divisions_are_listed_with_their_sources_and_written_as_a_file_of_rules()
    {
        var run = await CommandRun.OfAsync("usb", "divisions", "--json", _folder.File("rules.json"));
        var again = await CommandRun.OfAsync("usb", "divisions", "--divisions", _folder.File("rules.json"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(" USB 2.0    73 [S]", run.Output);
        Assert.Contains(" Standard    1,066,667 [U]  1333x800", run.Output);
        Assert.Contains(" M109s    1, 10, 300 [S]  left out [R]   usb-m109s", run.Output);
        Assert.Equal(run.Output, again.Output);
    }

    [Fact]
    public async Task A_bundled_model_has_its_divisions()
    {
        var run = await CommandRun.OfAsync("usb", "check", "blood-cells", "--models", Path.Combine(TestFiles.Root, "models"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith("Training division: USB 2.0 (incomplete: needs 1.0)", run.Output);
        Assert.Contains("blood-cells 1: 60 epochs: 60 on bccd/train.", run.Output);
        Assert.Contains("Evaluation division: Mini USB", run.Output);
        Assert.Contains("mCAP is undefined: there are no results on COCO, WOD, M109s.", run.Output);
        Assert.Contains("images are assumed to fill its input of 416 x 320 pixels", run.Output);
    }

    [Fact]
    public async Task Images_decide_the_pixels_of_a_model()
    {
        File.WriteAllText(_folder.File("truth.json"), """{"images":[{"id":1,"width":1000,"height":100}],"categories":[],"annotations":[]}""");

        var run = await CommandRun.OfAsync(
            "usb", "check", Path.Combine(TestFiles.Root, "models", "blood-cells", "1"), "--truth", _folder.File("truth.json"), "--reported", "1.0");

        // 416 wide, so 42 high.
        Assert.Contains("blood-cells 1: at most 17,472 pixels an image, before padding.", run.Output);
        Assert.Contains("Evaluation division: Micro USB", run.Output);
        Assert.StartsWith("Training division: USB 2.0 (complete)", run.Output);
    }

    [Fact]
    public async Task Epochs_and_pixels_can_be_stated_without_a_model()
    {
        var run = await CommandRun.OfAsync(
            "usb", "check", "--epochs", "24", "--pixels", "1334x800", "--annotations", "boxes,masks", "--ahpo", "true", "--tta", "true", "--json", _folder.File("v.json"));

        using var verdict = JsonDocument.Parse(File.ReadAllText(_folder.File("v.json")));
        Assert.Equal("1.6", verdict.RootElement.GetProperty("training").GetProperty("division").GetString());
        Assert.Equal("Large", verdict.RootElement.GetProperty("evaluation").GetProperty("division").GetString());
        Assert.Contains("Training division: USB 1.6 (incomplete: needs 1.5)", run.Output);
        Assert.Contains("Evaluation division: Large USB, with test-time augmentation", run.Output);
    }

    [Fact]
    public async Task Reports_on_three_datasets_give_their_mean()
    {
        foreach (var (set, protocol) in ((string, string)[])[("a", "usb"), ("b", "usb-wod"), ("c", "usb-m109s")])
        {
            var evaluated = await CommandRun.OfAsync(
                "evaluate", "--truth", TestFiles.Shared($"golden/usb/gt_{set}.json"), "--detections", TestFiles.Shared($"golden/usb/dt_{set}.json"),
                "--protocol", protocol, "--json", _folder.File($"{set}.json"));
            Assert.Equal((0, ""), (evaluated.ExitCode, evaluated.Error));
            Assert.Contains("area=", evaluated.Output);
        }

        string[] reports = ["--coco", _folder.File("a.json"), "--wod", _folder.File("b.json"), "--m109s", _folder.File("c.json")];
        var run = await CommandRun.OfAsync(["usb", "report", .. reports, "--json", _folder.File("usb.json")]);
        var check = await CommandRun.OfAsync(["usb", "check", "--epochs", "24", .. reports]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(" mean   0.2827  0.5686  0.2242  0.3458  0.2838  0.2768       -", run.Output);
        Assert.Contains($"{Environment.NewLine} mCAP 0.2827: the mean of CAP.{Environment.NewLine}", run.Output);
        Assert.Contains("0.4666", run.Output);
        Assert.DoesNotContain("Note:", run.Output);
        Assert.Contains(" mean   0.2827", check.Output);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("usb.json")));
        Assert.Equal(0.28267859, json.RootElement.GetProperty("mean").GetProperty("cap").GetDouble(), 1e-8);
    }

    [Fact]
    public async Task A_report_of_other_rules_is_told()
    {
        Write();
        await Evaluate("usb", "usb.json");
        await Evaluate("coco-bbox", "coco.json");

        var run = await CommandRun.OfAsync("usb", "report", "--m109s", _folder.File("usb.json"));
        var refused = await CommandRun.OfAsync("usb", "report", "--coco", _folder.File("coco.json"));

        Assert.Contains("was made under usb; the benchmark's numbers on this dataset are made under usb-m109s.", run.Output);
        Assert.Contains("has the detection limits 1, 10, 100; the benchmark's are 1, 10, 300.", run.Output);
        Assert.Contains(" mCAP is undefined: there are no results on COCO, WOD.", run.Output);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("the evaluation under coco-bbox has no CAP; evaluate under usb, usb-wod or usb-m109s.", refused.Error);
    }

    [Fact]
    public async Task Scales_are_shown_in_every_measure()
    {
        Write();

        var run = await CommandRun.OfAsync(
            "usb", "scales", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"), "--area-source", "box", "--json", _folder.File("scales.json"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(" RSAP(1/4-1/2)      1.0000  1.0000", run.Output);
        Assert.Contains("BandASAP(16-32-64)", run.Output);
        Assert.Contains("TinyPerson(reasonable)", run.Output);
        Assert.Contains("areas of the boxes", run.Output);
        using var json = JsonDocument.Parse(File.ReadAllText(_folder.File("scales.json")));
        Assert.Equal(5, json.RootElement.GetProperty("measures").GetArrayLength());
    }

    [Theory]
    [InlineData("usb", 10)]
    [InlineData("usb divisions", 1)]
    [InlineData("usb check", 3)]
    [InlineData("usb report", 1)]
    [InlineData("usb scales", 2)]
    public async Task The_examples_of_the_help_run_as_they_stand(string command, int count)
    {
        WriteExamples();
        await Evaluate("usb", "coco.json");
        await Evaluate("usb-wod", "wod.json");
        await Evaluate("usb-m109s", "m109s.json");
        var help = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);
        var examples = Example().Matches(help.Output).Select(match => match.Groups[1].Value.Trim()).ToArray();

        Assert.Equal(count, examples.Length);
        foreach (var example in examples)
        {
            var run = await CommandRun.OfAsync([
                .. example.Split(' ').Select(word => Path.GetExtension(word) == ".json" ? _folder.File(word) : word),
                .. example.Contains("blood-cells", StringComparison.Ordinal) ? ["--models", Path.Combine(TestFiles.Root, "models")] : (string[])[]]);
            Assert.True(run.ExitCode == 0, $"serve {example}\n{run.Output}\n{run.Error}");
        }
    }

    [Fact]
    public async Task Scales_are_those_of_a_csv_table_too()
    {
        Write();
        File.WriteAllText(_folder.File("results.csv"), "image_id,category_id,x,y,width,height,score\n1,7,10,10,40,40,0.9\n");

        var json = await CommandRun.OfAsync("usb", "scales", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"));
        var csv = await CommandRun.OfAsync("usb", "scales", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.csv"));

        Assert.Equal((0, ""), (csv.ExitCode, csv.Error));
        Assert.Equal(json.Output, csv.Output);
    }

    [Fact]
    public void Every_protocol_of_the_benchmark_can_be_asked_for()
        => Assert.All(Enum.GetValues<UsbDataset>(), dataset => Assert.NotNull(Serve.Eval.ProtocolCatalogue.Find(UsbDivisions.Default.ProtocolOf(dataset).Name)));

    private async Task Evaluate(string protocol, string report)
    {
        var run = await CommandRun.OfAsync(
            "evaluate", "--truth", _folder.File("truth.json"), "--detections", _folder.File("results.json"), "--protocol", protocol, "--json", _folder.File(report));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    private void WriteExamples()
    {
        Write();
        foreach (var name in (string[])["instances_val.json", "val.json", "15test.json"])
            File.Copy(_folder.File("truth.json"), _folder.File(name));
        foreach (var dataset in (string[])["coco", "wod", "m109s"])
        {
            Directory.CreateDirectory(_folder.File(dataset));
            File.Copy(Path.Combine(TestFiles.Root, "models", "blood-cells", "1", "model.json"), _folder.File($"{dataset}/model.json"));
        }
    }

    [GeneratedRegex(@"^(?: +|.*Examples?: )serve (.*)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    private void Write()
    {
        File.WriteAllText(_folder.File("truth.json"), """
            {"images":[{"id":1,"width":100,"height":100,"file_name":"a.png"}],"categories":[{"id":7,"name":"cell"}],
             "annotations":[{"id":1,"image_id":1,"category_id":7,"bbox":[10,10,40,40],"area":900,"iscrowd":0}]}
            """);
        File.WriteAllText(_folder.File("results.json"), """[{"image_id":1,"category_id":7,"bbox":[10,10,40,40],"score":0.9}]""");
    }
}
