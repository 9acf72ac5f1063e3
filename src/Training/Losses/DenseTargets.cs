using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models.Dense;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>What each anchor of a batch should predict. B images, N anchors.</summary>
/// <param name="Positive">[B, N] bool: the anchor has an object.</param>
/// <param name="Counted">[B, N] bool: the anchor takes part in the classification.</param>
/// <param name="Labels">[B, N] int64 category index; meaningless where not positive.</param>
/// <param name="Boxes">[B, N, 4] float32 xyxy: the object's box, and where there is none the anchor itself, for which every loss is finite.</param>
internal sealed record DenseTargets(Tensor Positive, Tensor Counted, Tensor Labels, Tensor Boxes)
{
    /// <summary>Number of positive anchors, at least 1: what losses are divided by. Scalar float32.</summary>
    public Tensor Positives => Positive.sum().to_type(float32).clamp(min: 1);

    /// <summary>Assigns objects to anchors; an anchor without object whose centre lies in a crowd region is neither object nor background. In the current dispose scope.</summary>
    public static DenseTargets Of(DensePredictions predictions, PaddedTargets targets, DenseOptions options)
    {
        using var noGradient = no_grad();
        var matches = options.Kind == DenseKind.Retina
            ? new AnchorMatcher(positive: 0.5, negative: 0.4, lowQuality: true).Match(predictions.Anchors, targets)
            : AtssAssigner.Assign(predictions.Anchors, predictions.PerLevel, targets, options.NearestAnchors);
        var positive = matches.Labels == 1;
        var boxes = targets.Boxes.gather(1, matches.Owner.unsqueeze(2).expand(-1, -1, 4));
        return new DenseTargets(
            positive,
            positive | ((matches.Labels == 0) & ~InCrowd(predictions.Anchors, targets.Crowds)),
            targets.Labels.gather(1, matches.Owner),
            where(positive.unsqueeze(2), boxes, predictions.Anchors));
    }

    /// <summary>Values for the anchors' own categories, zeros for all others. [B, N] to [B, N, K].</summary>
    public Tensor OfCategory(Tensor values, long categories)
    {
        var own = (Labels.unsqueeze(2) == arange(categories, int64, Labels.device)) & Positive.unsqueeze(2);
        return where(own, values.unsqueeze(2), 0f);
    }

    private static Tensor InCrowd(Tensor anchors, Tensor crowds)
    {
        var (from, to) = (anchors.unbind(1), crowds.unsqueeze(1).unbind(3));            // each [N], [B, 1, M]
        var (x, y) = (((from[0] + from[2]) / 2).view(1, -1, 1), ((from[1] + from[3]) / 2).view(1, -1, 1));
        return ((x > to[0]) & (x < to[2]) & (y > to[1]) & (y < to[3])).any(2);          // [B, N]
    }
}
