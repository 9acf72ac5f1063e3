using Serve.Training.Models.Dense;

namespace Serve.Training.Recipes;

/// <summary>ATSS: one anchor a cell, and a threshold of each object's own that decides which anchors are positive.</summary>
/// <remarks>
/// Zhang, Chi, Yao, Lei, Li, "Bridging the Gap Between Anchor-based and Anchor-free Detection via Adaptive Training Sample Selection", CVPR 2020.
/// Run:      ./serve train atss-r50-fpn --data ./coco --out runs/coco; atss-r18-small on a CPU
/// Expect:   atss-r50-fpn AP 39.4 on COCO val2017 (12 epochs, from ImageNet weights); neither recipe has been run at full length yet
/// Departs:  atss-r50-fpn: random first weights with GroupNorm in place of ImageNet weights with frozen BatchNorm, hence 72 epochs in place of 12; a fixed canvas in
///           place of the short side at 800; averaged weights. atss-r18-small: ResNet-18, 96 channels, small images, AdamW and cosine.
/// </remarks>
public static class Atss
{
    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [Resnet50, Small];

    /// <summary>The paper's size.</summary>
    public static Recipe Resnet50 => FcosR50Gn.Recipe with
    {
        Name = "atss-r50-fpn",
        Paper = "ATSS (Zhang et al., CVPR 2020), ResNet-50-GN from random weights",
        Detector = new DenseOptions { CategoryCount = 80 },
        Schedule = FcosR50Gn.Recipe.Schedule with { WarmupFactor = 0.001 },
        Evidence = new() { Expected = [new("AP", 39.4, "COCO val2017, ResNet-50, 12 epochs from ImageNet weights (re-run in Shinya's table, BMVC 2022)")] },
    };

    /// <summary>Small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "atss-r18-small",
        Paper = "ATSS (Zhang et al., CVPR 2020), ResNet-18-GN from random weights",
        Detector = new DenseOptions { CategoryCount = 80, Backbone = FcosR18Gn.Recipe.Detector.Backbone, Neck = FcosR18Gn.Recipe.Detector.Neck },
    };
}
