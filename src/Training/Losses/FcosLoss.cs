using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Fcos;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Targets and losses of FCOS.</summary>
/// <remarks>
/// Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection", ICCV 2019; see <see cref="FcosVersion"/>. All images and levels are computed together and nothing is
/// read back to the host, so that an accelerator never waits.
/// </remarks>
public static class FcosLoss
{
    /// <summary>The three losses of a batch: <c>classification</c>, <c>box</c>, <c>centerness</c>, and their sum.</summary>
    /// <remarks>
    /// B images, K categories, L cells of all levels. Classification: focal loss over all cells and categories, divided by the number of
    /// positive cells (at least 1); cells inside a crowd region that are not positive are left out. Box: 1 - GIoU, or -ln IoU, of positive cells, averaged
    /// with the centre-ness target as weight. Centre-ness: binary cross entropy, mean over positive cells. Without a positive cell the last two
    /// are 0 with a gradient of 0.
    /// </remarks>
    /// <param name="levels">Raw predictions by rising stride.</param>
    /// <param name="targets">One entry an image, boxes in input pixels.</param>
    /// <param name="version">Which form of the targets and of the box loss.</param>
    /// <returns>Scalars, moved to the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">The number of targets is not the number of images.</exception>
    public static DetectorLosses Compute(IReadOnlyList<FcosLevel> levels, IReadOnlyList<DetectionTargets> targets, FcosVersion version = FcosVersion.Improved)
    {
        var images = levels[0].ClassLogits.Value.shape[0];
        if (targets.Count != images)
            throw new ArgumentException($"targets: expected one entry for each of {images} images, got {targets.Count}.", nameof(targets));

        using var scope = NewDisposeScope();

        var logits = Flatten(levels.Select(level => level.ClassLogits.Value));                      // [B, L, K]
        var distances = Flatten(levels.Select(level => level.Distances.Value));                     // [B, L, 4]
        var centerness = Flatten(levels.Select(level => level.Centerness.Value)).squeeze(2);        // [B, L]
        var shapes = levels.Select(level => new FcosLevelShape(level.Stride, level.ClassLogits.Value.shape[2], level.ClassLogits.Value.shape[3])).ToList();
        var padded = PaddedTargets.Of(targets, shapes[0].Height * shapes[0].Stride, shapes[0].Width * shapes[0].Stride, logits.device);
        var grid = FcosLevelGrid.Create(shapes, logits.device);
        var target = FcosTargets.Assign(grid, padded, centreSampling: version == FcosVersion.Improved);

        var positive = target.Positive.to_type(float32);                                            // [B, L]
        var positives = positive.sum().clamp(min: 1);
        var counted = (~target.Ignored).to_type(float32).unsqueeze(2);                              // [B, L, 1]
        var classification = (FocalLoss.Compute(logits, OneHot(target, logits.shape[2])) * counted).sum() / positives;

        var weight = target.Centerness * positive;                                                  // [B, L]
        var pixels = grid.Stride.view(1, -1, 1);
        var ofBoxes = version == FcosVersion.Improved ? GiouLoss(distances, target.Distances) : IouLoss(distances * pixels, target.Distances * pixels);
        var box = (ofBoxes * weight).sum() / weight.sum().clamp(min: 1e-6);

        var entropy = nn.functional.binary_cross_entropy_with_logits(centerness, target.Centerness, reduction: nn.Reduction.None);
        var central = (entropy * positive).sum() / positives;

        var total = classification + box + central;
        var parts = new Dictionary<string, Tensor>
        {
            ["classification"] = classification.MoveToOuterDisposeScope(),
            ["box"] = box.MoveToOuterDisposeScope(),
            ["centerness"] = central.MoveToOuterDisposeScope(),
        };
        return new(total.MoveToOuterDisposeScope(), parts);
    }

    /// <summary>1 - GIoU of boxes that share a reference point. Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019.</summary>
    /// <remarks>The IoU is (intersection + 1) / (union + 1), as in the reference code; the areas are in the unit of the distances, squared.</remarks>
    /// <param name="predicted">[..., 4] left, top, right, bottom, not negative.</param>
    /// <param name="target">[..., 4], above 0.</param>
    /// <returns>[...], moved to the caller's dispose scope.</returns>
    public static Tensor GiouLoss(Tensor predicted, Tensor target)
    {
        using var scope = NewDisposeScope();

        var inner = minimum(predicted, target);
        var outer = maximum(predicted, target);
        var intersection = Area(inner);
        var union = Area(predicted) + Area(target) - intersection;
        var hull = Area(outer);
        var giou = (intersection + 1) / (union + 1) - (hull - union) / hull;
        return (1 - giou).MoveToOuterDisposeScope();
    }

    /// <summary>-ln IoU of boxes that share a reference point. Yu et al., "UnitBox", 2016.</summary>
    /// <remarks>The IoU is (intersection + 1) / (union + 1), as in the reference code of FCOS; the areas are in the unit of the distances, squared.</remarks>
    /// <param name="predicted">[..., 4] left, top, right, bottom, not negative.</param>
    /// <param name="target">[..., 4], above 0.</param>
    /// <returns>[...], moved to the caller's dispose scope.</returns>
    public static Tensor IouLoss(Tensor predicted, Tensor target)
    {
        using var scope = NewDisposeScope();

        var intersection = Area(minimum(predicted, target));
        var union = Area(predicted) + Area(target) - intersection;
        return (-((intersection + 1) / (union + 1)).log()).MoveToOuterDisposeScope();
    }

    private static Tensor Area(Tensor distances)
    {
        var sides = distances.unbind(-1);       // left, top, right, bottom
        return (sides[0] + sides[2]) * (sides[1] + sides[3]);
    }

    private static Tensor OneHot(FcosTargets target, long categories)
    {
        var index = arange(categories, int64, target.Labels.device);
        return ((target.Labels.unsqueeze(2) == index) & target.Positive.unsqueeze(2)).to_type(float32);    // [B, L, K]
    }

    private static Tensor Flatten(IEnumerable<Tensor> maps) => cat(maps.Select(map => map.flatten(2)).ToArray(), 2).transpose(1, 2);    // [B, C, H, W]s -> [B, L, C]
}
