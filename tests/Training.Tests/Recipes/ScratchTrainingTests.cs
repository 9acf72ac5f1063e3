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
        Assert.Equal(steps, RecipeCatalogue.Find($"scratch-r18-small-{times}x").Steps);
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
            Assert.Equal((0, 0, BoxHeadKind.FourConvOneFc), (options.Backbone.FreezeAt, recipe.Optimizer.NormDecay, options.BoxHead.Kind));
            Assert.Null(recipe.InitialWeights);
        });
    }

    private static double Rate(Recipe recipe, long step) => recipe.Optimizer.LearningRate * recipe.Schedule.FactorAt(step, recipe.TotalSteps(stepsPerEpoch: 1));
}
