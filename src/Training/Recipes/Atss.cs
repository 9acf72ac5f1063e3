using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Dense;
using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>ATSS: one anchor a cell, and a threshold of each object's own that decides which anchors are positive.</summary>
/// <remarks>
/// Zhang, Chi, Yao, Lei, Li, "Bridging the Gap Between Anchor-based and Anchor-free Detection via Adaptive Training Sample Selection", CVPR 2020.
/// Run:      ./serve train atss-r50-fpn --data ./coco --out runs/coco --set initialWeights=resnet50.safetensors
///           ./serve train atss-r18-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the figure of the recipe's evidence; neither has been run at full length here
/// Departs:  atss-r50-fpn: the scales and shifts of BatchNorm are frozen with its statistics; padding is black before the mean is subtracted, not zero after.
///           atss-r18-small: ResNet-18 with GroupNorm from random weights, 96 channels, small images, AdamW and cosine, averaged weights.
/// </remarks>
public static class Atss
{
    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [Resnet50, Small];

    /// <summary>The paper's: ResNet-50 from ImageNet weights, 12 epochs.</summary>
    public static Recipe Resnet50 => new()
    {
        Name = "atss-r50-fpn",
        Paper = "ATSS (Zhang et al., CVPR 2020), ResNet-50, 1x",
        Detector = new DenseOptions { CategoryCount = 80, Backbone = new() { Depth = 50, Norm = Norm.FrozenBatch, FreezeAt = 2 } },
        Augmentation = new() { Width = 1344, Height = 800, Resize = TrainingResize.ShortestSide },
        Sampling = new() { AspectGroups = true },
        BatchSize = 16,
        Epochs = 12,
        Optimizer = new() { Kind = OptimizerKind.Sgd, LearningRate = 0.01, WeightDecay = 1e-4, NormDecay = 1e-4, BiasDecay = null, ClipNorm = null },
        Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 500, WarmupFactor = 0.001, DecayAt = [8.0 / 12, 11.0 / 12] },
        AverageDecay = 0,
        Evidence = new() { Expected = [new("AP", 39.4, "COCO val2017, 12 epochs, as re-run for Shinya, BMVC 2022")] },
    };

    /// <summary>Small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "atss-r18-small",
        Paper = "ATSS (Zhang et al., CVPR 2020), ResNet-18-GN from random weights",
        Detector = new DenseOptions { CategoryCount = 80, Backbone = FcosR18Gn.Recipe.Detector.Backbone, Neck = FcosR18Gn.Recipe.Detector.Neck },
    };
}
