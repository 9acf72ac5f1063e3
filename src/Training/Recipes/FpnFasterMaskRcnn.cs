using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>Two-stage detectors on a feature pyramid: the baseline of most papers since.</summary>
/// <remarks>
/// Lin, Dollár, Girshick, He, Hariharan, Belongie, "Feature Pyramid Networks for Object Detection", CVPR 2017; Ren, He, Girshick, Sun, "Faster R-CNN", NeurIPS 2015; settings of
/// Detectron2 and, where the name ends in d1, of Detectron.
/// Run:      ./serve train faster-rcnn-r50-fpn --data ./coco --out runs/faster --set initialWeights=resnet50.safetensors
///           ./serve train faster-rcnn-r18-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the published figures of each recipe's evidence; those of COCO have not been run here
/// Departs:  the R50 and R101 recipes start from torchvision's ImageNet weights (RGB, stride on the 3x3) and not from the authors' (BGR, stride on the 1x1); padding is black
///           before the mean is subtracted, not zero after.
///           The small recipe: ResNet-18 with GroupNorm from random weights, 96 channels, a head 256 wide, anchors of half the size, fewer proposals and rows, two
///           samples a bin, small images, AdamW and cosine, averaged weights, scale and colour jitter. All of it for few cores and small datasets.
/// </remarks>
public static class FpnFasterMaskRcnn
{
    /// <summary>Faster R-CNN, ResNet-50, 1x.</summary>
    public static Recipe FasterR50 { get; } = new()
    {
        Name = "faster-rcnn-r50-fpn",
        Paper = "Faster R-CNN with FPN (Lin et al., CVPR 2017), ResNet-50, Detectron2's settings, 1x",
        Detector = new RcnnOptions { CategoryCount = 80, Backbone = new() { Depth = 50, Norm = Norm.FrozenBatch, FreezeAt = 2 } },
        Augmentation = new() { Width = 1344, Height = 800, Resize = TrainingResize.ShortestSide, ShortSides = [640, 672, 704, 736, 768, 800] },
        Sampling = new() { SkipEmpty = true, AspectGroups = true },
        BatchSize = 16,
        Steps = 90_000,
        Optimizer = new() { Kind = OptimizerKind.Sgd, LearningRate = 0.02, WeightDecay = 1e-4, BiasDecay = null, ClipNorm = null },
        Schedule = new() { Kind = ScheduleKind.Step, WarmupSteps = 1000, WarmupFactor = 0.001, DecayAt = [60.0 / 90, 80.0 / 90] },
        AverageDecay = 0,
        Evidence = new() { Expected = [new("AP", 37.9, "Detectron2's model zoo, COCO val2017, 1x")] },
    };

    /// <summary>Faster R-CNN, ResNet-101, 3x.</summary>
    public static Recipe FasterR101 { get; } = FasterR50 with
    {
        Name = "faster-rcnn-r101-fpn",
        Paper = "Faster R-CNN with FPN (Lin et al., CVPR 2017), ResNet-101, Detectron2's settings, 3x",
        Detector = FasterR50.Detector with { Backbone = FasterR50.Detector.Backbone with { Depth = 101 } },
        Steps = 270_000,
        Schedule = FasterR50.Schedule with { DecayBeforeEnd = [60_000, 20_000] },
        Evidence = new(),
    };

    /// <summary>Faster R-CNN, ResNet-50, with the conventions of Detectron, 1x.</summary>
    public static Recipe FasterR50Detectron { get; } = FasterR50 with
    {
        Name = "faster-rcnn-r50-fpn-d1",
        Paper = "Faster R-CNN with FPN (Lin et al., CVPR 2017), ResNet-50, Detectron's settings, 1x",
        Detector = (RcnnOptions)FasterR50.Detector with { Dialect = DetectionDialect.Detectron, CrowdOverlap = 0.7 },
        Augmentation = FasterR50.Augmentation with { ShortSides = [800] },
        Schedule = FasterR50.Schedule with { WarmupSteps = 500, WarmupFactor = 1.0 / 3 },
        Evidence = new() { Expected = [new("AP", 36.7, "Detectron's model zoo, COCO minival, 1x")] },
    };

    /// <summary>Faster R-CNN small enough to be trained on a CPU, from random weights.</summary>
    public static Recipe FasterR18Small { get; } = new()
    {
        Name = "faster-rcnn-r18-small",
        Paper = "Faster R-CNN with FPN (Lin et al., CVPR 2017), ResNet-18-GN from random weights",
        Detector = new RcnnOptions
        {
            CategoryCount = 80,
            Backbone = new() { Depth = 18 },
            Neck = new() { Channels = 96 },
            Proposals = new()
            {
                Anchors = new() { Sizes = [[16], [32], [64], [128], [256]] },
                PreNmsTrain = 500,
                PreNmsTest = 500,
                PostNmsTrain = 500,
                PostNmsTest = 300,
            },
            BoxHead = new() { Width = 256 },
            RoiSamples = 128,
            Sampling = 2,
        },
        Augmentation = FcosR18Gn.Recipe.Augmentation,
        BatchSize = 4,
        Epochs = 100,
        Optimizer = FcosR18Gn.Recipe.Optimizer,
    };
}
