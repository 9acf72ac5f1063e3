using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>Mask R-CNN from random weights: with GroupNorm everywhere and time enough, it becomes as good as one that starts from ImageNet weights.</summary>
/// <remarks>
/// He, Girshick, Dollár, "Rethinking ImageNet Pre-training", ICCV 2019. nx is n times 90,000 steps of 16 images; the learning rate falls 60,000 and 20,000 steps before the
/// end, whatever the length (section 4). Nothing is frozen. The short side is 800 pixels, in training 640 to 800 in the 9x recipes.
/// Run:      ./serve train scratch-gn-6x --data ./coco --out runs/scratch
///           ./serve train scratch-r18-small-6x --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the published figures of each recipe's evidence; those of COCO have not been run here
/// Departs:  all that <see cref="FpnFasterMaskRcnn.FasterR50Detectron"/> departs in. The fine-tuned arm keeps stem and first stage frozen, as the published GroupNorm
///           baselines do whose figures the paper repeats. The small recipes are those of the GroupNorm study's Faster R-CNN, with the paper's optimiser and its rule for
///           schedules at the size of BCCD: 205 images, 4 a step, b = 12.17 passes; the rate falls 2b/3 and 2b/9 steps before the end.
/// </remarks>
public static class RethinkingImageNetPretraining
{
    private const string Source = "Rethinking ImageNet Pre-training, table 1, COCO val2017";

    // One schedule "1x" is 12.17 passes over the data, 90,000 steps of 16 of COCO's 118,287 images.
    private const double PassesOfOne = 90_000.0 * 16 / 118_287;

    /// <summary>From random weights, ResNet-50, 2x to 6x.</summary>
    public static IReadOnlyList<Recipe> Scratch { get; } =
    [
        FromScratch(50, 2, 36.8), FromScratch(50, 3, 39.5), FromScratch(50, 4, 40.6), FromScratch(50, 5, 40.7),
        FromScratch(50, 6, 41.3) with
        {
            Evidence = new() { Expected = [new("AP", 41.3, Source + " and 2"), new("AP50", 61.8, Source + " and 2"), new("AP75", 45.6, Source + " and 2"), new("mask AP", 36.6, Source + " and 2")] },
        },
    ];

    /// <summary>From random weights, ResNet-101, 6x.</summary>
    public static Recipe ScratchR101 { get; } = FromScratch(101, 6, 42.7);

    /// <summary>From random weights, ResNet-50, 9x, scales of 640 to 800 pixels, 16 images a step.</summary>
    public static Recipe ScratchNine { get; } = WithScales(FromScratch(50, 9, 43.7)) with
    {
        Evidence = new() { Expected = [new("AP", 43.7, "Detectron2's model zoo, COCO val2017, batch of 64"), new("mask AP", 39.6, "the same")] },
    };

    /// <summary>The same with 64 images a step: a quarter of the steps, four times the learning rate.</summary>
    public static Recipe ScratchNineBatch64 { get; } = ScratchNine with
    {
        Name = "scratch-gn-9x-batch64",
        Paper = "Rethinking ImageNet Pre-training (He et al., ICCV 2019), Mask R-CNN, ResNet-50-GN, 9x in batches of 64",
        BatchSize = 64,
        Steps = 9 * 90_000 / 4,
        Optimizer = ScratchNine.Optimizer with { LearningRate = 0.08 },
        Schedule = ScratchNine.Schedule with { DecayBeforeEnd = [15_000, 5_000] },
    };

    /// <summary>From ImageNet weights with GroupNorm, 2x and 6x: the other arm.</summary>
    public static IReadOnlyList<Recipe> FineTuned { get; } = [FromImageNet(2, 40.3), FromImageNet(6, 41.1)];

    /// <summary>Small enough for a CPU and a few hundred images, from random weights: b, 3b and 6b steps.</summary>
    public static IReadOnlyList<Recipe> Small { get; } = [Ladder(1), Ladder(3), Ladder(6)];

    /// <summary>Steps of so many schedules for a smaller dataset, and how long before their end the rate falls.</summary>
    /// <param name="images">Training images.</param>
    /// <param name="batch">Images a step.</param>
    /// <param name="times">Number of schedules.</param>
    internal static (long Steps, long[] DecayBeforeEnd) LadderFor(int images, int batch, int times)
    {
        var unit = (long)Math.Round(PassesOfOne * images / batch);
        return (times * unit, [(long)Math.Round(unit * 2 / 3.0), (long)Math.Round(unit * 2 / 9.0)]);
    }

    private static Recipe FromScratch(int depth, int times, double published)
    {
        var tuned = GroupNormalization.Mask(depth, times);
        return tuned with
        {
            Name = depth == 50 ? $"scratch-gn-{times}x" : $"scratch-gn-r{depth}-{times}x",
            Paper = $"Rethinking ImageNet Pre-training (He et al., ICCV 2019), Mask R-CNN, ResNet-{depth}-GN, {times}x",
            Detector = tuned.Detector with { Backbone = tuned.Detector.Backbone with { FreezeAt = 0 } },
            Evidence = new() { Expected = [new("AP", published, Source)] },
        };
    }

    private static Recipe FromImageNet(int times, double published)
    {
        var tuned = GroupNormalization.Mask(50, times);
        return tuned with
        {
            Name = $"finetune-gn-{times}x",
            Paper = $"Rethinking ImageNet Pre-training (He et al., ICCV 2019), Mask R-CNN, ResNet-50-GN from ImageNet weights, {times}x",
            Evidence = new() { Expected = [new("AP", published, Source)] },
        };
    }

    private static Recipe Ladder(int times)
    {
        var small = GroupNormalization.FasterR18Small;
        var (steps, tail) = LadderFor(images: 205, batch: 4, times);
        return small with
        {
            Name = $"scratch-r18-small-{times}x",
            Paper = $"Rethinking ImageNet Pre-training (He et al., ICCV 2019), Faster R-CNN, ResNet-18-GN, {times}b for 205 images",
            BatchSize = 4,
            Steps = steps,
            Optimizer = new() { Kind = OptimizerKind.Sgd, LearningRate = 0.005, WeightDecay = 1e-4, BiasDecay = null },
            Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 100, WarmupFactor = 0.001, DecayBeforeEnd = tail },
        };
    }

    private static Recipe WithScales(Recipe recipe) => recipe with { Augmentation = recipe.Augmentation with { ShortSides = FpnFasterMaskRcnn.FasterR50.Augmentation.ShortSides } };
}
