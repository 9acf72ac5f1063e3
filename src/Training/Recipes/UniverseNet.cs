using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Dense;
using Serve.Training.Models.Necks;

namespace Serve.Training.Recipes;

/// <summary>UniverseNet, and the steps from ATSS to it: pyramid convolutions, generalised focal loss, Res2Net, deformable convolutions, several image scales.</summary>
/// <remarks>
/// Shinya, "USB: Universal-Scale Object Detection Benchmark", BMVC 2022.
/// Run:      ./serve train universenet --data ./coco --out runs/coco; universenet-small on a CPU
/// Expect:   the figures below, on COCO val2017 after 12 epochs from ImageNet weights; no recipe has been run at full length yet
/// Departs:  random first weights in place of ImageNet weights, hence 72 epochs in place of 12, and a backbone whose BatchNorm learns in place of frozen; the short side is
///           drawn from 0.6 to 1.2 times that of a fixed canvas in place of 480 to 960 pixels; averaged weights; single process, so BatchNorm sees the images of a
///           step and no others' ("SyncBN" in the paper). universenet and universenet-2008 have no deformable convolutions (runtimes of before 2026 have no such operator): the
///           expected figure is that of universenet-dcn. universenet-small: half the width, 64 channels, small images, AdamW and cosine.
/// With ImageNet weights, the paper's own form: --set initialWeights=... --set detector.backbone.norm.kind=frozenBatch --set detector.backbone.freezeAt=2
/// </remarks>
public static class UniverseNet
{
    private static readonly BackboneOptions Res2Net50 = new()
    {
        Kind = BackboneKind.Res2Net,
        Norm = Norm.Batch,
        DeepStem = true,
        AveragePoolShortcut = true,
    };

    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [AtssSepc, Gfl, Recipe, Deformable, August2020, Small];

    /// <summary>ATSS with pyramid convolutions in place of its towers.</summary>
    public static Recipe AtssSepc => Of("atss-sepc-r50", "ATSS with SEPC (Wang et al., CVPR 2020), ResNet-50-GN from random weights", 42.1, new()
    {
        CategoryCount = 80,
        Neck = NeckOptions.Dense with { Kind = NeckKind.Sepc },
        TowerDepth = 0,
    });

    /// <summary>Generalised focal loss.</summary>
    public static Recipe Gfl => Of("gfl-r50-fpn", "GFL (Li et al., NeurIPS 2020), ResNet-50-GN from random weights", 40.2, new() { CategoryCount = 80, Kind = DenseKind.Gfl });

    /// <summary>UniverseNet of June 2020, without its deformable convolutions.</summary>
    public static Recipe Recipe => ManyScales(Of("universenet", "UniverseNet (Shinya, BMVC 2022), without deformable convolutions, from random weights", 46.7, new()
    {
        CategoryCount = 80,
        Backbone = Res2Net50,
        Neck = NeckOptions.Dense with { Kind = NeckKind.Sepc },
        TowerDepth = 0,
    }));

    /// <summary>UniverseNet of June 2020: the 3x3 convolutions of C3 to C5 and the neck's last ones are deformable.</summary>
    public static Recipe Deformable => Recipe with
    {
        Name = "universenet-dcn",
        Paper = "UniverseNet (Shinya, BMVC 2022), from random weights",
        Detector = Recipe.Detector with
        {
            Backbone = Res2Net50 with { DeformableStages = [3, 4, 5] },
            Neck = Recipe.Detector.Neck with { Sepc = new() { Deformable = true } },
        },
    };

    /// <summary>UniverseNet of August 2020: generalised focal loss, and one normalisation for all levels. Without its deformable convolutions.</summary>
    public static Recipe August2020 => ManyScales(Of("universenet-2008", "UniverseNet 20.08 (Shinya, BMVC 2022), without deformable convolutions, from random weights", 47.5, new()
    {
        CategoryCount = 80,
        Kind = DenseKind.Gfl,
        Backbone = Res2Net50,
        Neck = NeckOptions.Dense with { Kind = NeckKind.Sepc, Sepc = new() { IntegratedNorm = true } },
        TowerDepth = 0,
    }));

    /// <summary>UniverseNet of August 2020, small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "universenet-small",
        Paper = "UniverseNet 20.08 (Shinya, BMVC 2022), half the width, from random weights",
        Detector = August2020.Detector with
        {
            Backbone = Res2Net50 with { Width = 32 },
            Neck = August2020.Detector.Neck with { Channels = 64 },
        },
    };

    private static Recipe Of(string name, string paper, double expected, DenseOptions detector) => Atss.Resnet50 with
    {
        Name = name,
        Paper = paper,
        Detector = detector,
        Evidence = new() { Expected = [new("AP", expected, "COCO val2017, 12 epochs from ImageNet weights (the author's table)")] },
    };

    private static Recipe ManyScales(Recipe recipe) => recipe with { Augmentation = recipe.Augmentation with { Scale = (0.6, 1.2) } };
}
