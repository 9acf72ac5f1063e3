namespace Serve.Training.Models.Rcnn;

/// <summary>Whose scores the detections of a cascade have.</summary>
public enum ScoreEnsemble
{
    /// <summary>The mean of all stages' classifiers on the boxes of the last stage: the paper, and its authors' code.</summary>
    LastStageFeatures,

    /// <summary>The mean of all stages' classifiers, each on the boxes of its own stage: Detectron2 and mmdetection.</summary>
    PerStage,

    /// <summary>The last stage's classifier alone.</summary>
    LastOnly,
}

/// <summary>Where a cascade learns masks.</summary>
public enum MaskPlacement
{
    /// <summary>One head on the objects of the last stage: the authors' code.</summary>
    LastStage,

    /// <summary>A head for each stage on the stage's objects, the mean of their masks in inference: mmdetection.</summary>
    EveryStage,

    /// <summary>One head on the objects of the first stage: Detectron2.</summary>
    FirstStageSamples,
}

/// <summary>A chain of box heads, each trained on what the one before it made of its boxes.</summary>
/// <remarks>Cai, Vasconcelos, "Cascade R-CNN", CVPR 2018.</remarks>
public sealed record CascadeOptions
{
    /// <summary>Smallest IoU of an object in each stage, in place of the detector's own.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [0.5, 0.6, 0.7];

    /// <summary>Weights of the regression in each stage, of x, y, width and height.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Weights { get; init; } = [[10, 10, 5, 5], [20, 20, 10, 10], [30, 30, 15, 15]];

    /// <summary>Weight of each stage's losses.</summary>
    public IReadOnlyList<double> LossWeights { get; init; } = [1, 0.5, 0.25];

    /// <summary>Whether each stage's gradient into the shared features is divided by the number of stages, in place of weights of losses: Detectron2.</summary>
    public bool ScaleFeatureGradient { get; init; }

    /// <summary>Whose scores the detections have.</summary>
    public ScoreEnsemble Scores { get; init; }

    /// <summary>Whether boxes that were ground truths, or equal one, are left out after the first stage.</summary>
    public bool RemoveTruth { get; init; } = true;

    /// <summary>Whether each stage adds the ground truths again and draws anew; otherwise all boxes of a stage go on to the next.</summary>
    public bool Resample { get; init; }

    /// <summary>Where masks are learnt, if there are any.</summary>
    public MaskPlacement Masks { get; init; }

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        var stages = Thresholds.Count;
        if (stages == 0 || !Thresholds.All(threshold => threshold is > 0 and <= 1))
            yield return OptionFault.Of($"{path}.{nameof(Thresholds)}", string.Join(", ", Thresholds), "numbers above 0, up to 1, one a stage");
        if (Weights.Count != stages || !Weights.All(four => four.Count == 4 && four.All(weight => weight > 0)))
            yield return OptionFault.Of($"{path}.{nameof(Weights)}", string.Join("; ", Weights.Select(four => string.Join(", ", four))), $"four positive numbers for each of {stages} stage(s)");
        if (LossWeights.Count != stages || !LossWeights.All(weight => weight > 0))
            yield return OptionFault.Of($"{path}.{nameof(LossWeights)}", string.Join(", ", LossWeights), $"a positive number for each of {stages} stage(s)");
        if (ScaleFeatureGradient && LossWeights.Any(weight => weight != 1))
            yield return OptionFault.Of($"{path}.{nameof(LossWeights)}", string.Join(", ", LossWeights), $"ones, as {nameof(ScaleFeatureGradient)} already balances the stages");
        if (!Enum.IsDefined(Scores))
            yield return OptionFault.Of($"{path}.{nameof(Scores)}", Scores, string.Join(", ", Enum.GetNames<ScoreEnsemble>()));
        if (!Enum.IsDefined(Masks))
            yield return OptionFault.Of($"{path}.{nameof(Masks)}", Masks, string.Join(", ", Enum.GetNames<MaskPlacement>()));
    }
}
