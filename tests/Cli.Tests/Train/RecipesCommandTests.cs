namespace Serve.Cli.Tests.Train;

public class RecipesCommandTests
{
    [Fact]
    public async Task Recipes_are_listed_with_paper_length_and_what_they_should_reach()
    {
        var run = await CommandRun.OfAsync("recipes");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("fcos-r50-gn", run.Output);
        Assert.Contains("short side 800, long side up to 1333 px, batch 16, 72 epochs", run.Output);
        Assert.Contains("    expected AP 38.7: the authors' code on COCO minival, 12 epochs from ImageNet weights", run.Output);
        Assert.Matches(@"\n    obtained on bccd with detector\.backbone\.width=32 [^\n]*:\n        AP \d+\.\d ± \d+\.\d, AP50 [^\n]*; 3 seeds; ", run.Output);
    }

    [Fact]
    public async Task One_recipe_is_shown_as_its_file()
    {
        var run = await CommandRun.OfAsync("recipes", "fcos-r18-gn");

        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("{", run.Output);
        Assert.Contains("\"type\": \"fcos\"", run.Output);
        Assert.Contains("\"channels\": 96", run.Output);
    }
}
