using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>What each box of a batch should learn. B images, N boxes.</summary>
/// <param name="Labels">[B, N] int8: 1 for an object, 0 for background, -1 for neither.</param>
/// <param name="Owner">[B, N] int64 row of the ground truth with the largest IoU; meaningless where the label is not 1.</param>
/// <param name="Iou">[B, N] float32, the IoU with it.</param>
public sealed record AnchorMatches(Tensor Labels, Tensor Owner, Tensor Iou)
{
    /// <summary>Moves the tensors to the scope outside the innermost one.</summary>
    public AnchorMatches MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Labels, Owner, Iou })
            tensor.MoveToOuterDisposeScope();
        return this;
    }
}
