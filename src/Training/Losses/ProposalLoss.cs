using Serve.Training.Boxes;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Losses of a region proposal network. Ren et al., "Faster R-CNN", 2015, equation 1, with equal weights. B images, N anchors, S of each drawn.</summary>
public static class ProposalLoss
{
    /// <summary>Binary cross entropy of the drawn anchors and smooth L1 of the positive ones among them, both summed and divided by the anchors wanted.</summary>
    /// <remarks>The divisor is constant, also where fewer anchors could be drawn: an image with few of them must not weigh more for that.</remarks>
    /// <param name="logits">[B, N] objectness.</param>
    /// <param name="deltas">[B, N, 4], weights of one.</param>
    /// <param name="anchors">[N, 4] xyxy, input pixels, sides above 0.</param>
    /// <param name="targets">Ground truth in the same pixels.</param>
    /// <param name="matches">Owners of the anchors.</param>
    /// <param name="rows">The anchors drawn.</param>
    /// <param name="wanted">How many were to be drawn from an image.</param>
    /// <param name="beta">Where smooth L1 turns from square to linear; 0 for L1.</param>
    /// <returns>Two scalars, moved to the caller's dispose scope; 0 with a gradient of 0 where nothing was drawn.</returns>
    public static (Tensor Objectness, Tensor Box) Compute(
        Tensor logits, Tensor deltas, Tensor anchors, PaddedTargets targets, AnchorMatches matches, SampledRows rows, long wanted, double beta)
    {
        using var scope = NewDisposeScope();

        var divisor = (double)wanted * logits.shape[0];
        var (valid, positive) = (rows.Valid.to_type(float32), rows.Positive.to_type(float32));                           // [B, S]
        var entropy = nn.functional.binary_cross_entropy_with_logits(logits.gather(1, rows.Index), positive, reduction: nn.Reduction.None);
        var objectness = (entropy * valid).sum() / divisor;

        var places = rows.Index.unsqueeze(2).expand(-1, -1, 4);                                                          // [B, S, 4]
        Tensor sought;
        using (no_grad())
        {
            var owners = matches.Owner.gather(1, rows.Index).unsqueeze(2).expand(-1, -1, 4);
            var unit = tensor(new float[] { 0, 0, 1, 1 }, device: logits.device);
            var counts = rows.Positive.unsqueeze(2);
            sought = new BoxCoder(1, 1, 1, 1).Encode(
                where(counts, anchors.unsqueeze(0).expand(logits.shape[0], -1, -1).gather(1, places), unit), where(counts, targets.Boxes.gather(1, owners), unit));
        }

        var box = (SmoothL1.Compute(deltas.gather(1, places) - sought, beta) * positive.unsqueeze(2)).sum() / divisor;
        return (objectness.MoveToOuterDisposeScope(), box.MoveToOuterDisposeScope());
    }
}
