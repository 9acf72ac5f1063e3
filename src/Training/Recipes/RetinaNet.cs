using Serve.Training.Models;
using Serve.Training.Models.Dense;

namespace Serve.Training.Recipes;

/// <summary>RetinaNet: nine anchors a cell, focal loss.</summary>
/// <remarks>
/// Lin, Goyal, Girshick, He, Dollár, "Focal Loss for Dense Object Detection", ICCV 2017.
/// Run:      ./serve train retinanet-r50-fpn --data ./coco --out runs/coco --set initialWeights=resnet50.safetensors
///           ./serve train retinanet-r18-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the figure of the recipe's evidence; neither has been run at full length here
/// Departs:  retinanet-r50-fpn: P6 from P5 in place of C5; L1 for the boxes, as in the re-run; the scales and shifts of BatchNorm are frozen with its statistics; padding
///           is black before the mean is subtracted, not zero after. retinanet-r18-small: ResNet-18 with GroupNorm, in the towers as well, from random weights, 96 channels, small images, AdamW and
///           cosine, averaged weights.
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

    /// <summary>The paper's: ResNet-50 from ImageNet weights, 12 epochs.</summary>
    public static Recipe Resnet50 => Atss.Resnet50 with
    {
        Name = "retinanet-r50-fpn",
        Paper = "RetinaNet (Lin et al., ICCV 2017), ResNet-50, 1x",
        Detector = Detector with { Backbone = Atss.Resnet50.Detector.Backbone },
        Evidence = new() { Expected = [new("AP", 36.5, "COCO val2017, 12 epochs, as re-run for Shinya, BMVC 2022")] },
    };

    /// <summary>Small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "retinanet-r18-small",
        Paper = "RetinaNet (Lin et al., ICCV 2017), ResNet-18-GN from random weights",
        Detector = Detector with { Backbone = FcosR18Gn.Recipe.Detector.Backbone, Neck = FcosR18Gn.Recipe.Detector.Neck, TowerNorm = Norm.Group() },
    };
}
