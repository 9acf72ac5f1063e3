using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Necks;
using Serve.Training.Optimization;

namespace Serve.Training.Recipes;

/// <summary>Adder FCOS: a backbone (B), and a neck (N), whose layers measure distances instead of multiplying.</summary>
/// <remarks>
/// Chen, Xu, Dong, Xu, Wang, "An Empirical Study of Adder Neural Networks for Object Detection", NeurIPS 2021.
/// Run:      ./serve train adder-fcos-r50 --data ./coco --out runs/coco; adder-fcos-r18-small on a CPU
/// Expect:   the figures below, on COCO val2017 after 12 epochs from a distilled ImageNet backbone; no recipe has been run at full length yet
/// Departs:  random first weights in place of a distilled ImageNet backbone; padding is black before the mean is subtracted; averaged weights; the learning rate, which the
///           paper does not give, is twice that of FCOS at half the batch; the form of the neck is our reading (AdderPyramid). adder-fcos-r18-small: a quarter of the
///           width, 64 channels, small images; batches of 4, since batch normalisation is live.
/// Energy figures of such networks are a model; on CPUs they are slower than convolutions.
/// </remarks>
public static class AdderDetector
{
    private static readonly NeckOptions AdderNeck = NeckOptions.Dense with { Kind = NeckKind.Adder };

    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [Resnet50, WithNeck, Small];

    /// <summary>Adder backbone (B).</summary>
    public static Recipe Resnet50 => FcosR50Gn.Recipe with
    {
        Name = "adder-fcos-r50",
        Paper = "Adder FCOS, backbone (Chen et al., NeurIPS 2021), from random weights",
        Detector = new FcosOptions { CategoryCount = 80, Backbone = new() { Kind = BackboneKind.Adder, Norm = Norm.Batch } },
        Augmentation = FcosR50Gn.Recipe.Augmentation with { ShortSides = [800] },
        BatchSize = 32,
        Epochs = 12,
        Optimizer = new() { Kind = OptimizerKind.Sgd, LearningRate = 0.02, WeightDecay = 1e-4, ClipNorm = 35 },
        Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 500, WarmupFactor = 1.0 / 3 },
        Evidence = new() { Expected = [new("AP", 37.2, "table 5, COCO val2017, 12 epochs from a distilled ImageNet backbone")] },
    };

    /// <summary>Adder backbone and neck (B + N).</summary>
    public static Recipe WithNeck => Resnet50 with
    {
        Name = "adder-fcos-r50-neck",
        Paper = "Adder FCOS, backbone and neck (Chen et al., NeurIPS 2021), from random weights",
        Detector = Resnet50.Detector with { Neck = AdderNeck },
        Evidence = new() { Expected = [new("AP", 36.5, "table 5, COCO val2017, 12 epochs from a distilled ImageNet backbone")] },
    };

    /// <summary>Small enough for a CPU.</summary>
    public static Recipe Small => WithNeck with
    {
        Name = "adder-fcos-r18-small",
        Paper = "Adder FCOS, backbone and neck (Chen et al., NeurIPS 2021), a quarter of the width, from random weights",
        Detector = WithNeck.Detector with
        {
            Backbone = WithNeck.Detector.Backbone with { Depth = 18, Width = 16 },
            Neck = AdderNeck with { Channels = 64 },
        },
        Augmentation = FcosR18Gn.Recipe.Augmentation,
        Sampling = FcosR18Gn.Recipe.Sampling,
        BatchSize = 4,
        Epochs = 100,
        Schedule = new() { Kind = ScheduleKind.Cosine, WarmupSteps = 100 },
        AverageDecay = FcosR18Gn.Recipe.AverageDecay,
        Evidence = new(),
    };
}
