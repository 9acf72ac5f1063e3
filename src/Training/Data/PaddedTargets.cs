using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Targets of a batch in rectangles. B images, G ground truths and M crowd regions of the image that has most, but at least one; what an image lacks is zero and not valid.</summary>
/// <param name="Boxes">[B, G, 4] float32 xyxy, input pixels.</param>
/// <param name="Labels">[B, G] int64.</param>
/// <param name="Valid">[B, G] bool.</param>
/// <param name="Crowds">[B, M, 4] float32 xyxy, input pixels: neither object nor background.</param>
/// <param name="CrowdValid">[B, M] bool.</param>
/// <param name="Sizes">[B, 2] float32 width and height of the valid (not padded) part of each image, input pixels.</param>
public sealed record PaddedTargets(Tensor Boxes, Tensor Labels, Tensor Valid, Tensor Crowds, Tensor CrowdValid, Tensor Sizes)
{
    /// <summary>Fills up the targets of each image.</summary>
    /// <param name="targets">One entry an image.</param>
    /// <param name="height">Height of the images in pixels, padding included.</param>
    /// <param name="width">Width of the images in pixels, padding included.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <returns>Six tensors, moved to the caller's dispose scope.</returns>
    public static PaddedTargets Of(IReadOnlyList<DetectionTargets> targets, long height, long width, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        float[] sizes = [.. targets.SelectMany(target => target.Valid == default ? new float[] { width, height } : [target.Valid.Width, target.Valid.Height])];
        return new PaddedTargets(
            Fill(targets, target => target.Boxes, device),
            Fill(targets, target => target.Labels, device),
            Present(targets, target => target.Boxes, device),
            Fill(targets, target => target.IgnoreBoxes, device),
            Present(targets, target => target.IgnoreBoxes, device),
            tensor(sizes, [targets.Count, 2], device: device)).MoveToOuterDisposeScope();
    }

    /// <summary>Moves the tensors to the scope outside the innermost one.</summary>
    public PaddedTargets MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Boxes, Labels, Valid, Crowds, CrowdValid, Sizes })
            tensor.MoveToOuterDisposeScope();
        return this;
    }

    private static Tensor Fill(IReadOnlyList<DetectionTargets> targets, Func<DetectionTargets, Tensor> select, Device device)
    {
        var rows = Rows(targets, select);
        return stack(targets.Select(target => Padded(select(target))).ToArray()).to(device);

        Tensor Padded(Tensor values)
        {
            long[] missing = [rows - values.shape[0], .. values.shape[1..]];
            return cat([values, zeros(missing, values.dtype, values.device)]);
        }
    }

    private static Tensor Present(IReadOnlyList<DetectionTargets> targets, Func<DetectionTargets, Tensor> select, Device device)
    {
        var counts = tensor(targets.Select(target => select(target).shape[0]).ToArray(), device: device);
        return arange(Rows(targets, select), int64, device).unsqueeze(0) < counts.unsqueeze(1);
    }

    private static long Rows(IReadOnlyList<DetectionTargets> targets, Func<DetectionTargets, Tensor> select)
        => Math.Max(1, targets.Max(target => select(target).shape[0]));
}
