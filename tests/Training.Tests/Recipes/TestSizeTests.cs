using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;
using Serve.Training.Data;
using Serve.Training.Recipes;
using Serve.Training.Runs;

namespace Serve.Training.Tests.Recipes;

/// <summary>The sizes at which recipes are evaluated and served.</summary>
public sealed class TestSizeTests
{
    public static TheoryData<string> PaperSizes =>
        [.. RecipeCatalogue.All.Where(recipe => recipe.Detector.Backbone.Depth >= 50 && recipe.Augmentation.Resize != TrainingResize.Jitter && recipe.Name != "universenet-small").Select(recipe => recipe.Name)];

    [Theory]
    [MemberData(nameof(PaperSizes))]
    public void Recipes_of_the_papers_are_trained_and_served_by_the_short_side(string name)
    {
        var recipe = RecipeCatalogue.Find(name);
        var input = recipe.ToInputSpec();

        Assert.Equal((TrainingResize.ShortestSide, 1333, true), (recipe.Augmentation.Resize, recipe.Augmentation.LongSide, recipe.Sampling.AspectGroups));
        Assert.Equal((ResizeRule.ShortestSide, 1333, 800, 32), (input.Resize, input.Width, input.Height, input.SizeMultiple));
        Assert.Equal("short side 800, long side up to 1333", recipe.TestResolution);
    }

    [Theory]
    [InlineData(640, 480, 1088, 800)]
    [InlineData(480, 640, 800, 1088)]
    [InlineData(640, 427, 1216, 800)]
    [InlineData(500, 375, 1088, 800)]
    [InlineData(2000, 500, 1344, 352)]
    [InlineData(1333, 800, 1344, 800)]
    public void Served_picture_is_as_large_as_in_a_training_batch_of_its_own(int width, int height, int inputWidth, int inputHeight)
    {
        var plan = ResizePlan.For(FasterInput, width, height);

        Assert.Equal(ImageSize.ShortestSide(width, height, 800, 1333), (plan.Width, plan.Height));
        Assert.Equal((inputWidth, inputHeight), (plan.InputWidth, plan.InputHeight));
        Assert.Equal((0, 0), (plan.Left, plan.Top));
    }

    [Fact]
    public void Resolved_recipe_says_at_which_size_it_is_evaluated()
    {
        var sides = RecipeCatalogue.Find("universenet").Resolve(categories: 3);
        var canvas = FcosR18Gn.Recipe.Resolve(categories: 3);

        Assert.Equal((800, 1333, null, null), (sides.TestShortSide, sides.TestLongSide, sides.TestWidth, sides.TestHeight));
        Assert.Equal((null, null, 320, 256), (canvas.TestShortSide, canvas.TestLongSide, canvas.TestWidth, canvas.TestHeight));
        Assert.Equal(RecipeJson.Write(sides), RecipeJson.Write(sides.Resolve(categories: 3)));
    }

    [Fact]
    public void Canvas_or_sides_can_be_asked_for_whatever_the_training_does()
    {
        var canvas = RecipeOverrides.Apply(RecipeCatalogue.Find("atss-r50-fpn"), ["testWidth=512", "testHeight=512"]);
        var sides = RecipeOverrides.Apply(FcosR18Gn.Recipe, ["testShortSide=250", "testLongSide=400"]);

        Assert.Equal((ResizeRule.LetterboxTopLeft, 512, 512, "512 x 512"), (canvas.ToInputSpec().Resize, canvas.ToInputSpec().Width, canvas.ToInputSpec().Height, canvas.TestResolution));
        Assert.Equal((ResizeRule.ShortestSide, 400, 250), (sides.ToInputSpec().Resize, sides.ToInputSpec().Width, sides.ToInputSpec().Height));
    }

    [Theory]
    [InlineData("testWidth=640 testHeight=640 testShortSide=640", "testWidth, testHeight: got them with testShortSide or testLongSide; allowed is a canvas or sides, not both.")]
    [InlineData("testHeight=640", "testWidth, testHeight: got one of them with augmentation.resize shortestSide, which has no canvas; allowed are both or neither.")]
    [InlineData("testShortSide=20", "testShortSide: 20; allowed is 32 to 8192.")]
    [InlineData("testShortSide=900 testLongSide=800", "testLongSide: 800; allowed is 900 (the short side) to 8192.")]
    public void Contradictory_sizes_are_refused(string settings, string expected)
    {
        var fault = Assert.Throws<InvalidInputException>(() => RecipeOverrides.Apply(RecipeCatalogue.Find("atss-r50-fpn"), settings.Split(' ')));

        Assert.Equal($"Recipe atss-r50-fpn has 1 invalid option(s):\n  {expected}", fault.Message);
    }

    [Fact]
    public async Task Passport_of_a_run_has_the_rule_it_was_evaluated_by()
    {
        using var folder = TestFiles.NewFolder();
        var request = TinyTraining.Request(folder, images: 4) with
        {
            Recipe = RecipeOverrides.Apply(TinyTraining.Tiny,
                ["augmentation.resize=shortestSide", "augmentation.shortSides=64,80", "augmentation.longSide=120", "testShortSide=72", "sampling.aspectGroups=true", "steps=2"]),
        };

        await TinyTraining.Run(request);
        var passport = RunFolder.Open(request.Out).BuildPassport("tiny", 1, CheckpointKind.Last, 1);

        Assert.Equal((ResizeRule.ShortestSide, 120, 72, 32), (passport.Input.Resize, passport.Input.Width, passport.Input.Height, passport.Input.SizeMultiple));
        Assert.Equal("short side 64..80, long side up to 120", passport.Provenance!.TrainingResolution);
        Assert.Equal("short side 72, long side up to 120", passport.Provenance.TestResolution);
        Assert.Equal(12, Assert.Single(passport.Provenance.Metrics).Values.Count);
    }

    private static InputSpec FasterInput => FpnFasterMaskRcnn.FasterR50.ToInputSpec();
}
