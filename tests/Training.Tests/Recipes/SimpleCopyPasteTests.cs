using Serve.Training.Data;
using Serve.Training.Models.Rcnn;

namespace Serve.Training.Recipes;

public class SimpleCopyPasteTests
{
    [Fact]
    public void Learning_rates_fall_at_the_published_steps()
    {
        AssertDrops(SimpleCopyPaste.Jittered, 163_889, 177_546);
        AssertDrops(SimpleCopyPaste.Pasted, 243_000, 256_500, 263_250);
        Assert.Equal(0.01, SimpleCopyPaste.Pasted.Schedule.FactorAt(0, 270_000), 1e-12);
        Assert.Equal(1, SimpleCopyPaste.Pasted.Schedule.FactorAt(1000, 270_000), 1e-12);
    }

    [Fact]
    public void Recipes_with_and_without_pasting_read_masks_and_learn_them()
    {
        Recipe[] all = [SimpleCopyPaste.Jittered, SimpleCopyPaste.Pasted, SimpleCopyPaste.PastedCascade, SimpleCopyPaste.PastedLvis, SimpleCopyPaste.PastedSmall];

        Assert.All(all, recipe => Assert.True(recipe.ToBatchOptions().Masks));
        Assert.All(all, recipe => Assert.Equal(TrainingResize.Jitter, recipe.Augmentation.Resize));
        Assert.All(all, recipe => Assert.Equal(128, recipe.ToInputSpec().PadValue));
        Assert.Equal([false, true, true, true, true], all.Select(recipe => recipe.Augmentation.CopyPaste is not null));
        Assert.Equal([0.6, 0.7, 0.8], ((RcnnOptions)SimpleCopyPaste.PastedCascade.Detector).Cascade!.Thresholds);
    }

    private static void AssertDrops(Recipe recipe, params long[] steps)
    {
        var total = recipe.Steps!.Value;
        foreach (var step in steps)
            Assert.Equal(0.1, recipe.Schedule.FactorAt(step, total) / recipe.Schedule.FactorAt(step - 1, total), 1e-9);
        Assert.Equal(Math.Pow(0.1, steps.Length), recipe.Schedule.FactorAt(total - 1, total), 1e-9);
    }
}
