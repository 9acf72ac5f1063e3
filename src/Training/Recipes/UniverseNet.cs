using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Dense;
using Serve.Training.Models.Necks;

namespace Serve.Training.Recipes;

/// <summary>UniverseNet, and the steps from ATSS to it: pyramid convolutions, generalised focal loss, Res2Net, deformable convolutions, several image scales.</summary>
/// <remarks>
/// Shinya, "USB: Universal-Scale Object Detection Benchmark", BMVC 2022.
/// Run:      ./serve train universenet --data ./coco --out runs/coco --set initialWeights=res2net50.safetensors
///           ./serve train universenet-small --data ../shared/data/bccd --out runs/blood-cells
/// Expect:   the figures of the recipes' evidence; none has been run at full length here
/// Departs:  universenet and universenet-2008 have no deformable convolutions (runtimes of before 2026 have no such operator): the paper's 46.7 and 47.5 are those of
///           universenet-dcn and universenet-2008-dcn, its 45.9 that of 20.08 without them. Frozen BatchNorm keeps its scales and shifts, too; live BatchNorm sees the images of a
///           step on one device ("SyncBN" in the paper: all); padding is black before the mean is subtracted, not zero after. universenet-small: half the width, 64 channels, from
///           random weights, small images, AdamW and cosine, averaged weights.
/// </remarks>
public static class UniverseNet
{
    private static readonly BackboneOptions Res2Net50 = new()
    {
        Kind = BackboneKind.Res2Net,
        Norm = Norm.FrozenBatch,
        FreezeAt = 2,
        DeepStem = true,
        AveragePoolShortcut = true,
    };

    /// <summary>The recipes.</summary>
    public static IReadOnlyList<Recipe> All { get; } = [AtssSepc, Gfl, Recipe, Deformable, August2020, August2020Deformable, August2020OnResNet, Small];

    /// <summary>ATSS with pyramid convolutions in place of its towers.</summary>
    public static Recipe AtssSepc => Of("atss-sepc-r50", "ATSS with SEPC (Wang et al., CVPR 2020), ResNet-50, 1x", 42.1, new()
    {
        CategoryCount = 80,
        Backbone = Atss.Resnet50.Detector.Backbone,
        Neck = NeckOptions.Dense with { Kind = NeckKind.Sepc },
        TowerDepth = 0,
    });

    /// <summary>Generalised focal loss.</summary>
    public static Recipe Gfl => Of("gfl-r50-fpn", "GFL (Li et al., NeurIPS 2020), ResNet-50, 1x", 40.2, new()
    {
        CategoryCount = 80,
        Kind = DenseKind.Gfl,
        Backbone = Atss.Resnet50.Detector.Backbone,
    });

    /// <summary>UniverseNet of June 2020, without its deformable convolutions.</summary>
    public static Recipe Recipe => ManyScales(Of("universenet", "UniverseNet (Shinya, BMVC 2022), without deformable convolutions, 1x", null, new()
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
        Paper = "UniverseNet (Shinya, BMVC 2022), 1x",
        Evidence = new() { Expected = [new("AP", 46.7, "COCO val2017, 12 epochs (Shinya, BMVC 2022)")] },
        Detector = Recipe.Detector with
        {
            Backbone = Res2Net50 with { DeformableStages = [3, 4, 5] },
            Neck = Recipe.Detector.Neck with { Sepc = new() { Deformable = true } },
        },
    };

    /// <summary>UniverseNet of August 2020: generalised focal loss, and one normalisation for all levels. Without its deformable convolutions.</summary>
    public static Recipe August2020 => ManyScales(Of("universenet-2008", "UniverseNet 20.08 (Shinya, BMVC 2022), without deformable convolutions, 1x", 45.9, new()
    {
        CategoryCount = 80,
        Kind = DenseKind.Gfl,
        Backbone = Res2Net50 with { Norm = Norm.Batch },
        Neck = NeckOptions.Dense with { Kind = NeckKind.Sepc, Sepc = new() { IntegratedNorm = true } },
        TowerDepth = 0,
    }));

    /// <summary>UniverseNet of August 2020: the 3x3 convolutions of C5 and the neck's last ones are deformable.</summary>
    public static Recipe August2020Deformable => August2020 with
    {
        Name = "universenet-2008-dcn",
        Paper = "UniverseNet 20.08 (Shinya, BMVC 2022), 1x",
        Evidence = new() { Expected = [new("AP", 47.5, "COCO val2017, 12 epochs (Shinya, BMVC 2022)")] },
        Detector = August2020.Detector with
        {
            Backbone = August2020.Detector.Backbone with { DeformableStages = [5] },
            Neck = August2020.Detector.Neck with { Sepc = August2020.Detector.Neck.Sepc with { Deformable = true } },
        },
    };

    /// <summary>UniverseNet 20.08s, the smaller one: the same on a ResNet-50 with a deep stem.</summary>
    public static Recipe August2020OnResNet => August2020Deformable with
    {
        Name = "universenet-2008s",
        Paper = "UniverseNet 20.08s (Shinya, BMVC 2022), ResNet-50 with a deep stem, 1x",
        Evidence = new() { Expected = [new("AP", 45.8, "COCO val2017, 12 epochs (Shinya, BMVC 2022)")] },
        Detector = August2020Deformable.Detector with
        {
            Backbone = August2020Deformable.Detector.Backbone with { Kind = BackboneKind.ResNet, AveragePoolShortcut = false },
        },
    };

    /// <summary>UniverseNet of August 2020, small enough for a CPU.</summary>
    public static Recipe Small => FcosR18Gn.Recipe with
    {
        Name = "universenet-small",
        Paper = "UniverseNet 20.08 (Shinya, BMVC 2022), half the width, from random weights",
        Detector = August2020.Detector with
        {
            Backbone = Res2Net50 with { Width = 32, Norm = Norm.Batch, FreezeAt = 0 },
            Neck = August2020.Detector.Neck with { Channels = 64 },
        },
    };

    private static Recipe Of(string name, string paper, double? expected, DenseOptions detector) => Atss.Resnet50 with
    {
        Name = name,
        Paper = paper,
        Detector = detector,
        Evidence = new() { Expected = expected is not { } ap ? [] : [new("AP", ap, "COCO val2017, 12 epochs (Shinya, BMVC 2022)")] },
    };

    private static Recipe ManyScales(Recipe recipe) => recipe with
    {
        Augmentation = recipe.Augmentation with { ShortSides = [480, 960], AnyShortSideBetween = true },
        TestShortSide = 800,
        Optimizer = recipe.Optimizer with { ClipNorm = 35 },
        Schedule = recipe.Schedule with { WarmupSteps = 1000 },
    };
}
