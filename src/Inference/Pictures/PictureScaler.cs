using System.Buffers;
using Serve.Inference.Models;

namespace Serve.Inference.Pictures;

/// <summary>Resizes pictures. Training and serving use the same rows, so that a model sees the same pixels in both.</summary>
/// <remarks>The weights are described at <see cref="ScalerTaps"/>; they are those of the "bilinear with antialias" of the usual research libraries.</remarks>
public static class PictureScaler
{
    /// <summary>Resizes to exactly the given size: bilinear, with area averaging when shrinking.</summary>
    /// <returns>A new picture, or the same one when it has that size already.</returns>
    public static Picture Resize(Picture picture, int width, int height) => Resize(picture, width, height, ResizeFilter.Antialias);

    /// <summary>Resizes to exactly the given size.</summary>
    /// <returns>A new picture, or the same one when it has that size already.</returns>
    public static Picture Resize(Picture picture, int width, int height, ResizeFilter filter)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (picture.Width == width && picture.Height == height)
            return picture;

        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * Picture.Channels));
        var row = ArrayPool<uint>.Shared.Rent(width);
        using (var rows = ScaledRows.Of(picture, width, height, filter))
        {
            for (var y = 0; y < height; y++)
            {
                rows.Read(y, row.AsSpan(0, width));
                PixelRow.Narrow(row.AsSpan(0, width), pixels.AsSpan(y * width * Picture.Channels, width * Picture.Channels));
            }
        }

        ArrayPool<uint>.Shared.Return(row);
        return new Picture(width, height, pixels);
    }
}
