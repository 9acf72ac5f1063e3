using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>The boxes that a head of a two-stage detector is trained on. B images, S rows each, K categories.</summary>
/// <param name="Boxes">[B, S, 4] float32 xyxy, input pixels.</param>
/// <param name="Labels">[B, S] int64, 0..K-1; K for background.</param>
/// <param name="Owner">[B, S] int64 row of the ground truth; meaningless where not positive.</param>
/// <param name="Positive">[B, S] bool: the row has an object.</param>
/// <param name="Valid">[B, S] bool: the row counts.</param>
/// <param name="FromTruth">[B, S] bool: the box is a ground truth that was added to the proposals.</param>
/// <param name="Iou">[B, S] float32 with the owner.</param>
public sealed record RoiSamples(Tensor Boxes, Tensor Labels, Tensor Owner, Tensor Positive, Tensor Valid, Tensor FromTruth, Tensor Iou)
{
    /// <summary>Moves the tensors to the scope outside the innermost one.</summary>
    public RoiSamples MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Boxes, Labels, Owner, Positive, Valid, FromTruth, Iou })
            tensor.MoveToOuterDisposeScope();
        return this;
    }
}
