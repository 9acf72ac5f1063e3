using Serve.Training.Models.Fcos;
using Serve.Training.Models.Necks;

namespace Serve.Training.Recipes;

/// <summary>FCOS small enough to be trained on a CPU, from random weights: ResNet-18 with GroupNorm, pyramid and heads of 96 channels.</summary>
/// <remarks>
/// Tian, Shen, Chen, He, "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019, in the improved version of the authors' code;
/// GroupNorm and random first weights after He, Girshick, Dollár, "Rethinking ImageNet Pre-training", ICCV 2019.
/// Run:      ./serve train fcos-r18-gn --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the table of models in README.md, where models/blood-cells comes from this recipe, with its options, hardware and time
/// Departs:  ResNet-18 instead of 50, 96 channels instead of 256, small images, AdamW and cosine instead of SGD and steps, averaged weights,
///           scale and colour jitter. All of it for speed on few cores and for small datasets.
/// </remarks>
public static class FcosR18Gn
{
    /// <summary>The recipe.</summary>
    public static Recipe Recipe { get; } = new()
    {
        Name = "fcos-r18-gn",
        Paper = "FCOS (Tian et al., ICCV 2019), ResNet-18-GN from random weights",
        Detector = new FcosOptions { CategoryCount = 80, Neck = NeckOptions.Dense with { Channels = 96 } },
        Augmentation = new() { Width = 320, Height = 256, Scale = (0.6, 1.6), ColorJitter = (0.2, 0.2, 0.2, 0.02) },
        BatchSize = 4,
        Epochs = 100,
        Optimizer = new() { Kind = OptimizerKind.AdamW, LearningRate = 5e-4, WeightDecay = 0.05 },
    };
}
