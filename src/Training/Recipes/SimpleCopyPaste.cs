using Serve.Training.Data;
using Serve.Training.Data.Orders;
using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>Mask R-CNN from random weights on images jittered in scale by a factor of 0.1 to 2, with and without objects pasted from other images.</summary>
/// <remarks>
/// Ghiasi, Cui, Srinivas, Qian, Lin, Cubuk, Le, Zoph, "Simple Copy-Paste is a Strong Data Augmentation Method for Instance Segmentation", CVPR 2021; the recipe without pasting
/// as Detectron2 has it.
/// Run:      ./serve data preview copy-paste-mask-rcnn-r50 --data ./coco --count 1
///           ./serve train copy-paste-r18-small --data data/demo-scenes --out runs/pasted
/// Expect:   the published figures of each recipe's evidence; none of them has been run here
/// Departs:  GroupNorm in body, pyramid, box and mask head instead of synchronised batch normalisation everywhere (--set detector.backbone.norm.kind=batch for the body's);
///           Detectron2's losses (L1) and RoIAlign instead of the TPU code's; padding of 128 before the mean is subtracted. The cascade has ResNet-50 and a plain pyramid, not
///           EfficientNet-B7 and NAS-FPN, for which alone the paper gives figures. LVIS without the second stage, which trains the classifier alone: the paper's figures
///           of ResNet-50 are of both stages, so none are given here; repeat-factor sampling, which helps without that stage, is on.
///           The small recipe: that of the small Mask R-CNN, on a canvas of 320 x 320.
/// </remarks>
public static class SimpleCopyPaste
{
    private static readonly Norm GroupNorm = Norm.Group(exact: true);

    private static readonly Augmentation LargeScaleJitter = new()
    {
        Width = 1024,
        Height = 1024,
        Resize = TrainingResize.Jitter,
        Scale = (0.1, 2),
        PadValue = 128,
        MinVisible = 0,
        BoxesFromMasks = true,
    };

    /// <summary>Large scale jittering alone.</summary>
    public static Recipe Jittered { get; } = new()
    {
        Name = "lsj-mask-rcnn-r50",
        Paper = "Large scale jittering (Ghiasi et al., CVPR 2021), Mask R-CNN R50-FPN from random weights, Detectron2's settings, 100 epochs",
        Detector = new RcnnOptions
        {
            CategoryCount = 80,
            Backbone = new() { Depth = 50, Norm = GroupNorm },
            Neck = new() { Norm = GroupNorm },
            Proposals = new() { HeadDepth = 2 },
            BoxHead = new() { Kind = BoxHeadKind.FourConvOneFc, Norm = GroupNorm },
            Mask = new() { Norm = GroupNorm },
        },
        Augmentation = LargeScaleJitter,
        BatchSize = 64,
        Steps = 184_375,
        Optimizer = new() { Kind = OptimizerKind.Sgd, LearningRate = 0.1, WeightDecay = 4e-5, BiasDecay = null, ClipNorm = null },
        Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 500, WarmupFactor = 0.067, DecayAt = [163_889.0 / 184_375, 177_546.0 / 184_375] },
        AverageDecay = 0,
        Evidence = new()
        {
            Expected =
            [
                new("AP", 44.6, "Detectron2's new baselines, COCO val2017, 100 epochs, synchronised batch normalisation"),
                new("mask AP", 40.3, "the same"),
            ],
        },
    };

    /// <summary>With pasting, as in the paper.</summary>
    public static Recipe Pasted { get; } = Jittered with
    {
        Name = "copy-paste-mask-rcnn-r50",
        Paper = "Simple Copy-Paste (Ghiasi et al., CVPR 2021), Mask R-CNN R50-FPN from random weights",
        Detector = (RcnnOptions)Jittered.Detector with { BoxHead = new() { Kind = BoxHeadKind.FourConvTwoFc, Norm = GroupNorm } },
        Augmentation = LargeScaleJitter with { CopyPaste = new() { MaxObjects = 100 } },
        BatchSize = 256,
        Steps = 270_000,
        Optimizer = Jittered.Optimizer with { LearningRate = 0.32, BiasDecay = 0 },
        Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 1000, WarmupFactor = 0.01, DecayAt = [0.9, 0.95, 0.975] },
        Evidence = new() { Expected = [new("AP", 48.2, "Table 1, COCO val2017, 1024 x 1024"), new("mask AP", 42.4, "the same")] },
    };

    /// <summary>The cascade of the paper's largest models, on ResNet-50.</summary>
    public static Recipe PastedCascade { get; } = Pasted with
    {
        Name = "copy-paste-cascade-r50",
        Paper = "Simple Copy-Paste (Ghiasi et al., CVPR 2021), Cascade R-CNN with its thresholds, R50-FPN from random weights",
        Detector = (RcnnOptions)Pasted.Detector with
        {
            BoxHead = ((RcnnOptions)Pasted.Detector).BoxHead with { ClassAgnostic = true },
            Cascade = new() { Thresholds = [0.6, 0.7, 0.8] },
        },
        Steps = 180_000,
        Evidence = new(),
    };

    /// <summary>LVIS: 1,203 categories, rare images more often, 300 detections.</summary>
    public static Recipe PastedLvis { get; } = Pasted with
    {
        Name = "copy-paste-lvis-r50",
        Paper = "Simple Copy-Paste (Ghiasi et al., CVPR 2021), first stage on LVIS with repeat-factor sampling (Gupta et al., CVPR 2019), R50-FPN from random weights",
        Detector = Pasted.Detector with { CategoryCount = 1203, MaxDetections = 300, ScoreThreshold = 0 },
        Augmentation = Pasted.Augmentation with { CopyPaste = new() },
        Sampling = new SamplingOptions { RepeatThreshold = 0.001 },
        Steps = 180_000,
        Evidence = new(),
    };

    /// <summary>Small enough to be trained on a CPU.</summary>
    public static Recipe PastedSmall { get; } = MaskRcnn.R18Small with
    {
        Name = "copy-paste-r18-small",
        Paper = "Simple Copy-Paste (Ghiasi et al., CVPR 2021), Mask R-CNN ResNet-18-GN from random weights",
        Augmentation = LargeScaleJitter with { Width = 320, Height = 320, CopyPaste = new() },
    };
}
