using Serve.Training.Boxes;
using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Losses of the head that classifies and moves boxes. Girshick, "Fast R-CNN", ICCV 2015, section 2.3. B images, S rows each, K categories.</summary>
public static class BoxHeadLoss
{
    /// <summary>Cross entropy, the mean over all rows that count, and smooth L1 of the positive rows' own class, divided by the same number of rows.</summary>
    /// <remarks>Divided by all rows and not by the positive ones, so that each object weighs the same in every batch.</remarks>
    /// <param name="logits">[B S, K + 1], background last.</param>
    /// <param name="deltas">[B S, K, 4], or [B S, 1, 4] for one regression of all classes.</param>
    /// <param name="rows">What was drawn.</param>
    /// <param name="truths">[B, G, 4] xyxy: the boxes that the rows' owners name.</param>
    /// <param name="coder">Weights of the regression.</param>
    /// <param name="beta">Where smooth L1 turns from square to linear; 0 for L1.</param>
    /// <returns>Two scalars, moved to the caller's dispose scope; 0 with a gradient of 0 where no row counts.</returns>
    public static (Tensor Class, Tensor Box) Compute(Tensor logits, Tensor deltas, RoiSamples rows, Tensor truths, BoxCoder coder, double beta)
    {
        using var scope = NewDisposeScope();

        var (labels, valid) = (rows.Labels.flatten(), rows.Valid.flatten().to_type(float32));                            // [B S]
        var count = valid.sum().clamp(min: 1);
        var classification = (nn.functional.cross_entropy(logits, labels, reduction: nn.Reduction.None) * valid).sum() / count;

        Tensor sought, own;
        using (no_grad())
        {
            var counts = rows.Positive.unsqueeze(2);                                                                     // [B, S, 1]
            var unit = tensor(new float[] { 0, 0, 1, 1 }, device: logits.device);
            var owned = truths.gather(1, rows.Owner.unsqueeze(2).expand(-1, -1, 4));
            sought = coder.Encode(where(counts, rows.Boxes, unit), where(counts, owned, unit)).flatten(0, 1);             // [B S, 4]
            own = labels.clamp(max: deltas.shape[1] - 1).view(-1, 1, 1).expand(-1, 1, 4);
        }

        var positive = rows.Positive.flatten().to_type(float32).unsqueeze(1);
        var box = (SmoothL1.Compute(deltas.gather(1, own).squeeze(1) - sought, beta) * positive).sum() / count;
        return (classification.MoveToOuterDisposeScope(), box.MoveToOuterDisposeScope());
    }
}
