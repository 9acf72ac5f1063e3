namespace Serve.Cli.Tests;

public class CommandLineTests
{
    [Theory]
    [InlineData("no-such-command")]
    [InlineData("evaluate --no-such-option")]
    [InlineData("train")]
    [InlineData("compare --truth only.json")]
    [InlineData("detect --model x")]
    public async Task A_command_line_that_cannot_be_read_ends_with_2_and_points_to_help(string arguments)
    {
        var run = await CommandRun.OfAsync(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--help", run.Error);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("evaluate --truth only.json", "give either --truth and --detections, or --model and --data")]
    [InlineData("evaluate --truth no.json --detections no.json", "there is no file no.json")]
    [InlineData("evaluate --truth a --detections b --protocol coco", "got coco, allowed are coco-bbox")]
    [InlineData("evaluate --truth a --detections b --iou-thresholds 0.5:0:0.9", "the step must be above 0")]
    [InlineData("evaluate --truth a --detections b --iou-thresholds half", "half is not a number")]
    [InlineData("evaluate --truth a --detections b --max-detections 1,x", "x is not a whole number")]
    [InlineData("evaluate --truth a --detections b --area-ranges all:0", "allowed is name:lower:upper")]
    [InlineData("evaluate --model m --data d --protocol coco-keypoints", "--protocol: coco-keypoints compares keypoints, which are evaluated of results in files only; allowed for models are coco-bbox, coco-segm")]
    [InlineData("compare --truth a --detections b", "at least two results are needed")]
    [InlineData("compare --truth a --detections no.json no.json", "there is no file no.json")]
    [InlineData("detect no.jpg --model blood-cells --score 2", "--score: got 2, allowed are 0..1")]
    [InlineData("detect no.jpg --model blood-cells --max 0", "--max: got 0, allowed are whole numbers from 1.")]
    [InlineData("detect no.jpg --model no-such-model --models no-such-folder", "no-such-folder: there is no such models folder; expected <name>/<version>/model.onnx in it.")]
    [InlineData("train no-such-recipe --data d --out o", "There is no recipe \"no-such-recipe\"; there are adder-fcos-r50")]
    [InlineData("train fcos-r18-gn --data no-such-folder --out o", "no-such-folder: there is no such folder; a dataset is a folder with annotations/")]
    [InlineData("train fcos-r18-gn --data d --out o --set epochs=many", "--set epochs=many: \"many\" is not allowed here; expected a whole number.")]
    [InlineData("train fcos-r18-gn --data d --out no-such-run --resume", "holds no run to continue")]
    [InlineData("export no-such-run --to models/x", "no-such-run: not the folder of a run; it has no recipe.json.")]
    [InlineData("export no-such-run --to models/x --checkpoint first", "--checkpoint: got first, allowed are best, last.")]
    [InlineData("models --update no.md", "there is no file no.md")]
    public async Task Bad_input_ends_with_2_and_says_what_is_allowed(string arguments, string message)
    {
        var run = await CommandRun.OfAsync(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.StartsWith("serve: ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("recipes")]
    [InlineData("export")]
    [InlineData("detect")]
    [InlineData("bench")]
    [InlineData("evaluate")]
    [InlineData("compare")]
    [InlineData("models")]
    [InlineData("data make")]
    [InlineData("data check")]
    [InlineData("data convert")]
    [InlineData("data stats")]
    public async Task Help_of_each_command_has_an_example(string command)
    {
        var run = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Example", run.Output);
        Assert.Contains($"serve {command}", run.Output);
    }

    [Fact]
    public async Task Recipes_are_listed_and_shown_with_all_options()
    {
        var list = await CommandRun.OfAsync("recipes");
        var one = await CommandRun.OfAsync("recipes", "fcos-r18-gn");

        Assert.Contains("fcos-r18-gn", list.Output);
        Assert.Contains("\"learningRate\"", one.Output);
    }
}
