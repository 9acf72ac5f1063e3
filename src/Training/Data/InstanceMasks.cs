using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Masks of N objects as tight windows in one row of bytes: they cost the sum of their boxes' areas and not N canvases.</summary>
/// <param name="Pixels">[T] uint8, 0 or 1, window after window, each row by row.</param>
/// <param name="Windows">[N, 4] int64 x, y, width, height, pixels of the batch's image.</param>
/// <param name="Starts">[N] int64, place in <paramref name="Pixels"/> of each window's first pixel.</param>
public sealed record InstanceMasks(Tensor Pixels, Tensor Windows, Tensor Starts) : IDisposable
{
    /// <summary>The masks on a device; the given ones stay with their owner.</summary>
    public InstanceMasks To(Device device) => new(Pixels.to(device), Windows.to(device), Starts.to(device));

    /// <summary>Takes the tensors out of all scopes: whoever holds the masks disposes them.</summary>
    public InstanceMasks DetachFromDisposeScope()
    {
        foreach (var tensor in new[] { Pixels, Windows, Starts })
            tensor.DetachFromDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pixels.Dispose();
        Windows.Dispose();
        Starts.Dispose();
    }
}
