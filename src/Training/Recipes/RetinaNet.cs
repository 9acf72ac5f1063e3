using Serve.Training.Models.Dense;

namespace Serve.Training.Recipes;

/// <summary>RetinaNet: nine anchors a cell, focal loss.</summary>
/// <remarks>
/// Lin, Goyal, Girshick, He, Dollár, "Focal Loss for Dense Object Detection", ICCV 2017.
/// Run:      ./serve train retinanet-r50-fpn --data ./coco --out runs/coco; retinanet-r18-small on a CPU
/// Expect:   retinanet-r50-fpn AP 36.5 on COCO val2017 (12 epochs, from ImageNet weights, a re-run in 2020); neither recipe has been run at full length yet
/// Departs:  retinanet-r50-fpn: random first weights with GroupNorm in place of ImageNet weights with frozen BatchNorm, hence 72 epochs in place of 12; a fixed canvas in
///           place of the short side at 800; P6 from P5 in place of C5; L1 for the boxes, as in the re-run; averaged weights.
///           retinanet-r18-small: ResNet-18, 96 channels, GroupNorm in the towers as well, small images, AdamW and cosine.
/// </remarks>
public static class RetinaNet
{
    private static readonly DenseOptions Detector = new()
    {
        CategoryCount = 80,
        Kind = DenseKind.Retina,
        TowerNorm = null,
        AnchorSides = [4, 4 * Math.Pow(2, 1.0 / 3), 4 * Math.Pow(2, 2.0 / 3)],
        AnchorRatios = [0.5, 1, 2],
        BoxWeight = 1,
        NmsIouThreshold = 0.5,
    };

    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [Resnet50, Small];

    /// <summary>The paper's size.</summary>
    public static Recipe Resnet50 => FcosR50Gn.Recipe with
    {
        Name = "retinanet-r50-fpn",
        Paper = "RetinaNet (Lin et al., ICCV 2017), ResNet-50-GN from random weights",
        Detector = Detector,
        Schedule = FcosR50Gn.Recipe.Schedule with { WarmupFactor = 0.001 },
        Evidence = new() { Expected = [new("AP", 36.5, "COCO val2017, ResNet-50, 12 epochs from ImageNet weights (re-run in Shinya's table, BMVC 2022)")] },
    };

    /// <summary>Small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "retinanet-r18-small",
        Paper = "RetinaNet (Lin et al., ICCV 2017), ResNet-18-GN from random weights",
        Detector = Detector with { Backbone = FcosR18Gn.Recipe.Detector.Backbone, Neck = FcosR18Gn.Recipe.Detector.Neck, TowerNorm = Models.Norm.Group() },
    };
}
