using Serve.Training.Models.Rcnn;

namespace Serve.Training.Recipes;

/// <summary>Faster R-CNN that also cuts its objects out.</summary>
/// <remarks>
/// He, Gkioxari, Dollár, Girshick, "Mask R-CNN", ICCV 2017, on a feature pyramid; settings of Detectron2 and, where the name ends in d1, of Detectron.
/// Run:      ./serve train mask-rcnn-r50-fpn --data ./coco --out runs/mask --set initialWeights=resnet50.safetensors
///           ./serve train mask-rcnn-r18-small --data ../shared/data/dried-fruit --out runs/fruit
/// Expect:   the published figures of each recipe's evidence; those of COCO have not been run here
/// Departs:  all that the recipes of <see cref="FpnFasterMaskRcnn"/> depart in
/// </remarks>
public static class MaskRcnn
{
    /// <summary>Mask R-CNN, ResNet-50, 1x.</summary>
    public static Recipe R50 { get; } = FpnFasterMaskRcnn.FasterR50 with
    {
        Name = "mask-rcnn-r50-fpn",
        Paper = "Mask R-CNN (He et al., ICCV 2017), ResNet-50-FPN, Detectron2's settings, 1x",
        Detector = WithMasks(FpnFasterMaskRcnn.FasterR50),
        Evidence = new() { Expected = [new("AP", 38.6, "Detectron2's model zoo, COCO val2017, 1x"), new("mask AP", 35.2, "the same")] },
    };

    /// <summary>Mask R-CNN, ResNet-101, 3x.</summary>
    public static Recipe R101 { get; } = FpnFasterMaskRcnn.FasterR101 with
    {
        Name = "mask-rcnn-r101-fpn",
        Paper = "Mask R-CNN (He et al., ICCV 2017), ResNet-101-FPN, Detectron2's settings, 3x",
        Detector = WithMasks(FpnFasterMaskRcnn.FasterR101),
        Evidence = new() { Expected = [new("AP", 42.9, "Detectron2's model zoo, COCO val2017, 3x"), new("mask AP", 38.6, "the same")] },
    };

    /// <summary>Mask R-CNN, ResNet-50, with the conventions of Detectron, 1x.</summary>
    public static Recipe R50Detectron { get; } = FpnFasterMaskRcnn.FasterR50Detectron with
    {
        Name = "mask-rcnn-r50-fpn-d1",
        Paper = "Mask R-CNN (He et al., ICCV 2017), ResNet-50-FPN, Detectron's settings, 1x",
        Detector = WithMasks(FpnFasterMaskRcnn.FasterR50Detectron),
        Evidence = new() { Expected = [new("AP", 37.7, "Detectron's model zoo, COCO minival, 1x"), new("mask AP", 33.9, "the same")] },
    };

    /// <summary>Mask R-CNN small enough to be trained on a CPU, from random weights.</summary>
    public static Recipe R18Small { get; } = FpnFasterMaskRcnn.FasterR18Small with
    {
        Name = "mask-rcnn-r18-small",
        Paper = "Mask R-CNN (He et al., ICCV 2017), ResNet-18-GN from random weights",
        Detector = (RcnnOptions)FpnFasterMaskRcnn.FasterR18Small.Detector with { Mask = new() { Channels = 64 } },
    };

    private static RcnnOptions WithMasks(Recipe recipe) => (RcnnOptions)recipe.Detector with { Mask = new() };
}
