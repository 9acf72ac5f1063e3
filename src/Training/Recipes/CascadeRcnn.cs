using Serve.Training.Models.Rcnn;

namespace Serve.Training.Recipes;

/// <summary>Three box heads in a chain, each for better boxes than the one before it.</summary>
/// <remarks>
/// Cai, Vasconcelos, "Cascade R-CNN: Delving into High Quality Object Detection", CVPR 2018; settings of the authors' Detectron code: thresholds 0.5, 0.6, 0.7, losses weighted
/// 1, 0.5, 0.25, 2,000 proposals in training, ground truths left out after the first stage, the mean of the three classifiers on the last stage's boxes, masks from the last
/// stage. The recipe ending in d2 has Detectron2's: equal weights with a third of the gradient into the features, ground truths kept, each classifier on the boxes of its own
/// stage, masks learnt on the first stage's samples.
/// Run:      ./serve train cascade-rcnn-r50-fpn --data ./coco --out runs/cascade --set initialWeights=resnet50.safetensors
///           ./serve train cascade-rcnn-r18-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the published figures of each recipe's evidence; those of COCO have not been run here
/// Departs:  all that the recipes of <see cref="FpnFasterMaskRcnn"/> depart in; moves of the last stage have weights of 30 and 15, not 1/0.033 and 1/0.067; four outputs of
///           the regression instead of the authors' eight, of which they read the last four.
/// </remarks>
public static class CascadeRcnn
{
    /// <summary>Cascade R-CNN, ResNet-50, 1x.</summary>
    public static Recipe R50 { get; } = FpnFasterMaskRcnn.FasterR50Detectron with
    {
        Name = "cascade-rcnn-r50-fpn",
        Paper = "Cascade R-CNN (Cai and Vasconcelos, CVPR 2018), ResNet-50-FPN, the authors' settings, 1x",
        Detector = Cascaded(FpnFasterMaskRcnn.FasterR50Detectron, new()),
        Evidence = new() { Expected = [new("AP", 40.3, "the paper, table 6, COCO val2017"), new("AP", 40.9, "the authors' Detectron code, COCO minival, 1x")] },
    };

    /// <summary>Cascade Mask R-CNN, ResNet-50, 1x.</summary>
    public static Recipe MaskR50 { get; } = MaskRcnn.R50Detectron with
    {
        Name = "cascade-mask-rcnn-r50-fpn",
        Paper = "Cascade R-CNN (Cai and Vasconcelos, CVPR 2018), Mask R-CNN, ResNet-50-FPN, the authors' settings, 1x",
        Detector = Cascaded(MaskRcnn.R50Detectron, new()),
        Evidence = new() { Expected = [new("AP", 41.3, "the authors' Detectron code, COCO minival, 1x"), new("mask AP", 35.4, "the same")] },
    };

    /// <summary>Cascade Mask R-CNN with GroupNorm, ResNet-50, 1x.</summary>
    public static Recipe MaskR50GroupNorm { get; } = GroupNormalization.Mask(50, 1) with
    {
        Name = "cascade-mask-rcnn-r50-gn",
        Paper = "Cascade R-CNN (Cai and Vasconcelos, CVPR 2018), Mask R-CNN, ResNet-50-GN, the authors' settings, 1x",
        Detector = Cascaded(GroupNormalization.Mask(50, 1), new()),
        Evidence = new() { Expected = [new("AP", 42.9, "the authors' Detectron code, COCO minival, 1x"), new("mask AP", 36.6, "the same")] },
    };

    /// <summary>Cascade Mask R-CNN, ResNet-50, with the settings of Detectron2, 1x.</summary>
    public static Recipe MaskR50Detectron2 { get; } = MaskRcnn.R50 with
    {
        Name = "cascade-mask-rcnn-r50-fpn-d2",
        Paper = "Cascade R-CNN (Cai and Vasconcelos, CVPR 2018), Mask R-CNN, ResNet-50-FPN, Detectron2's settings, 1x",
        Detector = Cascaded(MaskRcnn.R50, new()
        {
            LossWeights = [1, 1, 1],
            ScaleFeatureGradient = true,
            RemoveTruth = false,
            Scores = ScoreEnsemble.PerStage,
            Masks = MaskPlacement.FirstStageSamples,
        }),
        Evidence = new() { Expected = [new("AP", 42.1, "Detectron2's model zoo, COCO val2017, 1x"), new("mask AP", 36.4, "the same")] },
    };

    /// <summary>Cascade R-CNN small enough to be trained on a CPU, from random weights.</summary>
    public static Recipe R18Small { get; } = FpnFasterMaskRcnn.FasterR18Small with
    {
        Name = "cascade-rcnn-r18-small",
        Paper = "Cascade R-CNN (Cai and Vasconcelos, CVPR 2018), ResNet-18-GN from random weights",
        Detector = (RcnnOptions)FpnFasterMaskRcnn.FasterR18Small.Detector with
        {
            BoxHead = ((RcnnOptions)FpnFasterMaskRcnn.FasterR18Small.Detector).BoxHead with { ClassAgnostic = true },
            Cascade = new(),
        },
    };

    private static RcnnOptions Cascaded(Recipe recipe, CascadeOptions cascade)
    {
        var options = (RcnnOptions)recipe.Detector;
        return options with
        {
            Cascade = cascade,
            BoxHead = options.BoxHead with { ClassAgnostic = true },
            Proposals = options.Proposals with { PostNmsTrain = 2000 },
        };
    }
}
