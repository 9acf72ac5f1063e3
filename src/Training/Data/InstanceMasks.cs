using static TorchSharp.torch;

namespace Serve.Training.Data;

/// <summary>Masks of N objects as tight windows in one row of bytes: they cost the sum of their boxes' areas and not N canvases.</summary>
/// <param name="Pixels">[T] uint8, 0 or 1, window after window, each row by row.</param>
/// <param name="Windows">[N, 4] int64 x, y, width, height, pixels of the batch's image.</param>
/// <param name="Starts">[N] int64, place in <paramref name="Pixels"/> of each window's first pixel.</param>
public sealed record InstanceMasks(Tensor Pixels, Tensor Windows, Tensor Starts) : IDisposable
{
    /// <summary>Puts masks into a row.</summary>
    internal static InstanceMasks Of(IReadOnlyList<MaskWindow> masks)
    {
        var pixels = new byte[masks.Sum(mask => mask.Pixels.Length)];
        var (windows, starts) = (new long[4 * masks.Count], new long[masks.Count]);
        var end = 0;
        for (var i = 0; i < masks.Count; i++)
        {
            var mask = masks[i];
            (windows[4 * i], windows[4 * i + 1], windows[4 * i + 2], windows[4 * i + 3]) = (mask.X, mask.Y, mask.Width, mask.Height);
            starts[i] = end;
            mask.Pixels.CopyTo(pixels, end);
            end += mask.Pixels.Length;
        }

        return new(tensor(pixels, [pixels.Length], uint8), tensor(windows, [masks.Count, 4], int64), tensor(starts, [masks.Count], int64));
    }

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
