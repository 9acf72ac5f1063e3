namespace Serve.Inference.Pictures;

/// <summary>The fast way for JPEGs that need nothing special; what is odd in any way is left to libvips, which tells what is wrong or finds a way.</summary>
internal static class JpegDecoder
{
    /// <summary>Decodes a picture.</summary>
    /// <returns>Null for a picture that is left to libvips, and where the fast library is not there.</returns>
    public static Picture? TryDecode(ReadOnlySpan<byte> encoded, PictureLimits limits, PictureUse use, PixelMemory memory)
    {
        if (TurboJpeg.OfThread is not { } decoder || !JpegHeader.TryRead(encoded, out var header) || (use.ColourManaged && header.HasForeignProfile))
            return null;
        if (!limits.Allow(header.Width, header.Height))
            return null;

        var sideways = ExifOrientation.IsSideways(header.Orientation);
        var (originalWidth, originalHeight) = sideways ? (header.Height, header.Width) : (header.Width, header.Height);
        var shrink = Shrink(use.ShrinkOf(originalWidth, originalHeight), header);
        var (width, height) = ((header.Width + shrink - 1) / shrink, (header.Height + shrink - 1) / shrink);
        var length = width * height * Picture.Channels;
        var pixels = memory.Take(length);
        if (!decoder.TryDecode(encoded, width, height, pixels))
        {
            memory.GiveBack(pixels);
            return null;
        }

        if (header.Orientation != ExifOrientation.Upright)
        {
            var turned = memory.Take(length);
            ExifOrientation.Turn(pixels.AsSpan(0, length), width, height, header.Orientation, turned);
            memory.GiveBack(pixels);
            pixels = turned;
        }

        return new Picture(sideways ? height : width, sideways ? width : height, pixels)
        {
            Shrink = shrink,
            OriginalWidth = originalWidth,
            OriginalHeight = originalHeight,
        };
    }

    /// <summary>Pixels at the right and bottom may stand for less than a whole block; turned, they would come to lie where blocks are counted from.</summary>
    private static int Shrink(int wanted, JpegHeader header)
    {
        if (header.Orientation != ExifOrientation.Upright)
        {
            while (header.Width % wanted != 0 || header.Height % wanted != 0)
                wanted /= 2;
        }

        return wanted;
    }
}
