using Serve.Eval;

namespace Serve.Training.Recipes;

/// <summary>All recipes by name.</summary>
public static class RecipeCatalogue
{
    /// <summary>The recipes, in the order in which they are listed.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
    [
        .. AdderDetector.All,
        .. Atss.All,
        FcosR18Gn.Recipe, FcosR50Gn.Recipe,
        FpnFasterMaskRcnn.FasterR18Small, FpnFasterMaskRcnn.FasterR50, FpnFasterMaskRcnn.FasterR101, FpnFasterMaskRcnn.FasterR50Detectron,
        GroupNormalization.FasterR18Small,
        MaskRcnn.R18Small, MaskRcnn.R50, MaskRcnn.R101, MaskRcnn.R50Detectron,
        GroupNormalization.MaskR50TwoTimes, GroupNormalization.MaskR50ThreeTimes, GroupNormalization.MaskR101ThreeTimes,
        .. RethinkingImageNetPretraining.Small, .. RethinkingImageNetPretraining.Scratch, RethinkingImageNetPretraining.ScratchR101,
        RethinkingImageNetPretraining.ScratchNine, RethinkingImageNetPretraining.ScratchNineBatch64, .. RethinkingImageNetPretraining.FineTuned,
        CascadeRcnn.R18Small, CascadeRcnn.R50, CascadeRcnn.MaskR50, CascadeRcnn.MaskR50GroupNorm, CascadeRcnn.MaskR50Detectron2,
        .. RetinaNet.All,
        SimpleCopyPaste.PastedSmall, SimpleCopyPaste.Jittered, SimpleCopyPaste.Pasted, SimpleCopyPaste.PastedCascade, SimpleCopyPaste.PastedLvis,
        .. UniverseNet.All,
    ];

    /// <summary>The recipe of that name.</summary>
    /// <exception cref="InvalidInputException">There is none; the message lists those there are.</exception>
    public static Recipe Find(string name)
        => All.FirstOrDefault(recipe => recipe.Name == name)
            ?? throw new InvalidInputException($"There is no recipe \"{name}\"; there are {string.Join(", ", All.Select(recipe => recipe.Name))}.");
}
