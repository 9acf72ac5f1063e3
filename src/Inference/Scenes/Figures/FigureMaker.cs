using Serve.Eval;

namespace Serve.Inference.Scenes.Figures;

/// <summary>Makes figures: each with its own proportions, colours and pose.</summary>
internal static class FigureMaker
{
    /// <summary>A new figure of a category.</summary>
    public static Figure Make(SceneCategory category, ref SplitMix64 random) => category switch
    {
        SceneCategory.Person => PersonFigure.Make(ref random),
        SceneCategory.Car => CarFigure.MakeFromTheSide(ref random),
        SceneCategory.Ball => BallFigure.Make(ref random),
        SceneCategory.Crate => CrateFigure.Make(ref random),
        SceneCategory.Star => StarFigure.Make(ref random),
        SceneCategory.Sign => SignFigure.Make(ref random),
        SceneCategory.Tree => TreeFigure.Make(ref random),
        SceneCategory.Flower => FlowerFigure.Make(ref random),
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "There is no such category."),
    };
}
