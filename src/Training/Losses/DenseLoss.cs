using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Dense;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Targets and losses of dense detectors. All images and levels are computed together, and nothing is read back to the host.</summary>
internal static class DenseLoss
{
    /// <summary>The losses of a batch; see <see cref="RetinaLoss"/>, <see cref="AtssLoss"/> and <see cref="GflLoss"/> for their parts.</summary>
    /// <param name="levels">Raw predictions by rising stride.</param>
    /// <param name="targets">One entry an image, boxes in input pixels.</param>
    /// <param name="options">Assignment and losses.</param>
    /// <returns>Scalars, moved to the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">The number of targets is not the number of images.</exception>
    public static DetectorLosses Compute(IReadOnlyList<DenseLevel> levels, IReadOnlyList<DetectionTargets> targets, DenseOptions options)
    {
        var finest = levels[0].Classes.Value;
        if (targets.Count != finest.shape[0])
            throw new ArgumentException($"targets: expected one entry for each of {finest.shape[0]} images, got {targets.Count}.", nameof(targets));

        using var scope = NewDisposeScope();

        var predictions = DensePredictions.Of(levels, options);
        var padded = PaddedTargets.Of(targets, finest.shape[2] * levels[0].Stride, finest.shape[3] * levels[0].Stride, finest.device);
        var target = DenseTargets.Of(predictions, padded, options);
        var parts = options.Kind switch
        {
            DenseKind.Retina => RetinaLoss.Compute(predictions, target, options),
            DenseKind.Atss => AtssLoss.Compute(predictions, target, options),
            _ => GflLoss.Compute(predictions, target, options),
        };

        var total = parts.Values.Aggregate((sum, part) => sum + part).MoveToOuterDisposeScope();
        foreach (var part in parts.Values)
            part.MoveToOuterDisposeScope();
        return new(total, parts);
    }

    /// <summary>Focal loss over all anchors that count and all categories, over the number of positive anchors.</summary>
    public static Tensor Classification(DensePredictions predictions, DenseTargets targets)
    {
        var wanted = targets.OfCategory(ones_like(targets.Labels).to_type(float32), predictions.Classes.shape[2]);
        return (FocalLoss.Compute(predictions.Classes, wanted) * targets.Counted.unsqueeze(2)).sum() / targets.Positives;
    }
}
