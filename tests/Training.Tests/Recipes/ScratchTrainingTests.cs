using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Recipes;

namespace Serve.Training.Tests.Recipes;

public sealed class ScratchTrainingTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public void Rate_falls_at_a_fixed_distance_from_the_end(int times)
    {
        var recipe = RecipeCatalogue.Find($"scratch-gn-{times}x");
        var total = recipe.TotalSteps(stepsPerEpoch: 1);

        Assert.Equal(times * 90_000, total);
        Assert.Equal(0.02, Rate(recipe, total - 60_001), 1e-12);
        Assert.Equal(0.002, Rate(recipe, total - 60_000), 1e-12);
        Assert.Equal(0.002, Rate(recipe, total - 20_001), 1e-12);
        Assert.Equal(0.0002, Rate(recipe, total - 20_000), 1e-12);
    }

    [Fact]
    public void Batches_of_64_have_a_quarter_of_the_steps_at_four_times_the_rate()
    {
        var recipe = RecipeCatalogue.Find("scratch-gn-9x-batch64");

        Assert.Equal((202_500, 64), (recipe.TotalSteps(stepsPerEpoch: 1), recipe.BatchSize));
        Assert.Equal(0.08, Rate(recipe, 187_499), 1e-12);
        Assert.Equal(0.008, Rate(recipe, 187_500), 1e-12);
        Assert.Equal(0.0008, Rate(recipe, 197_500), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Ladder_of_a_small_dataset_keeps_the_rule_and_not_the_numbers(int times)
    {
        var (steps, tail) = RethinkingImageNetPretraining.LadderFor(images: 205, batch: 4, times);

        Assert.Equal(times * 624, steps);
        Assert.Equal([416, 139], tail);
        var recipe = RecipeCatalogue.Find($"scratch-r18-small-{times}x");
        Assert.Equal(steps, recipe.Steps);
        Assert.Equal([0.005, 0.0005, 0.0005, 0.00005], new[] { steps - 417, steps - 416, steps - 140, steps - 139 }.Select(step => Math.Round(Rate(recipe, step), 12)));
    }

    [Theory]
    [InlineData("mask-rcnn-r50-gn-2x", 120_000, 160_000)]
    [InlineData("mask-rcnn-r50-gn-3x", 210_000, 250_000)]
    [InlineData("mask-rcnn-r101-gn-3x", 210_000, 250_000)]
    [InlineData("faster-rcnn-r101-fpn", 210_000, 250_000)]
    [InlineData("cascade-mask-rcnn-r50-gn", 60_000, 80_000)]
    [InlineData("finetune-gn-2x", 120_000, 160_000)]
    [InlineData("finetune-gn-6x", 480_000, 520_000)]
    [InlineData("scratch-gn-r101-6x", 480_000, 520_000)]
    public void Rate_falls_at_the_published_steps(string name, long first, long second)
    {
        var recipe = RecipeCatalogue.Find(name);

        Assert.Equal([0.02, 0.002, 0.002, 0.0002], new[] { first - 1, first, second - 1, second }.Select(step => Math.Round(Rate(recipe, step), 12)));
    }

    [Fact]
    public void Longest_recipes_alone_are_trained_at_several_scales()
    {
        var scales = RecipeCatalogue.All.Where(recipe => recipe.Name.StartsWith("scratch-gn-", StringComparison.Ordinal)).ToLookup(recipe => recipe.Augmentation.ShortSides.Count, recipe => recipe.Name);

        Assert.Equal(["scratch-gn-9x", "scratch-gn-9x-batch64"], scales[6]);
        Assert.Equal(6, scales[1].Count());
    }

    [Fact]
    public void Scratch_recipes_have_group_norm_everywhere_but_in_proposals_and_freeze_nothing()
    {
        var recipes = RecipeCatalogue.All.Where(recipe => recipe.Name.StartsWith("scratch-", StringComparison.Ordinal)).ToList();

        Assert.Equal(11, recipes.Count);
        Assert.All(recipes, recipe =>
        {
            var options = Assert.IsType<RcnnOptions>(recipe.Detector);
            Norm?[] norms = [options.Backbone.Norm, options.Neck.Norm, options.BoxHead.Norm, .. options.Mask is { } mask ? [mask.Norm] : Array.Empty<Norm?>()];
            Assert.All(norms, norm => Assert.Equal(Norm.Group(32, exact: true), norm));
            Assert.Equal((0, 0.0, BoxHeadKind.FourConvOneFc), (options.Backbone.FreezeAt, recipe.Optimizer.NormDecay, options.BoxHead.Kind));
            Assert.Null(recipe.InitialWeights);
        });
    }

    private static double Rate(Recipe recipe, long step) => recipe.Optimizer.LearningRate * recipe.Schedule.FactorAt(step, recipe.TotalSteps(stepsPerEpoch: 1));
}
