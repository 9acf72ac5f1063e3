using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>What one image of a batch should be detected as.</summary>
/// <param name="Boxes">[N, 4] float32 xyxy, pixels of the batch's (resized, padded) image.</param>
/// <param name="Labels">[N] int64, index into the dataset's categories, 0..K-1.</param>
/// <param name="IgnoreBoxes">[M, 4] float32 xyxy of crowd regions: neither object nor background.</param>
public sealed record DetectionTargets(Tensor Boxes, Tensor Labels, Tensor IgnoreBoxes) : IDisposable
{
    /// <summary>A mask for each row of <see cref="Boxes"/>; null where no masks are learnt.</summary>
    public InstanceMasks? Masks { get; init; }

    /// <summary>Width and height of the part at the top left that is not padding, in pixels of the batch's image; (0, 0) for all of it.</summary>
    public (int Width, int Height) Valid { get; init; }

    /// <summary>The targets on a device; the given ones stay with their owner.</summary>
    public DetectionTargets To(Device device)
        => this with { Boxes = Boxes.to(device), Labels = Labels.to(device), IgnoreBoxes = IgnoreBoxes.to(device), Masks = Masks?.To(device) };

    /// <summary>Takes the tensors out of all scopes: whoever holds the targets disposes them.</summary>
    public DetectionTargets DetachFromDisposeScope()
    {
        foreach (var tensor in new[] { Boxes, Labels, IgnoreBoxes })
            tensor.DetachFromDisposeScope();
        Masks?.DetachFromDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Boxes.Dispose();
        Labels.Dispose();
        IgnoreBoxes.Dispose();
        Masks?.Dispose();
    }
}

/// <summary>A batch of augmented images. Disposing it frees its tensors.</summary>
/// <param name="Step">The optimisation step it belongs to, from 0.</param>
/// <param name="Images">[B, 3, H, W] float32 RGB, 0..255; the padding value where the augmented image does not reach; H and W multiples of 32.</param>
/// <param name="Targets">One entry an image.</param>
/// <param name="ImageIds">Dataset ids of the images.</param>
public sealed record TrainingBatch(long Step, Tensor Images, IReadOnlyList<DetectionTargets> Targets, IReadOnlyList<long> ImageIds) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        foreach (var target in Targets)
            target.Dispose();
    }
}
