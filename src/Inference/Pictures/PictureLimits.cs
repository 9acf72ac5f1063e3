namespace Serve.Inference.Pictures;

/// <summary>Limits on what a decoder accepts, checked before any pixel is decoded.</summary>
public sealed record PictureLimits
{
    /// <summary>Largest encoded size in bytes.</summary>
    public long MaxBytes { get; init; } = 32L << 20;

    /// <summary>Largest width or height in pixels.</summary>
    public int MaxDimension { get; init; } = 16_384;

    /// <summary>Largest number of pixels.</summary>
    public long MaxPixels { get; init; } = 64_000_000;

    /// <summary>Refuses more bytes than allowed.</summary>
    internal void RequireBytes(long bytes)
    {
        if (bytes > MaxBytes)
            throw new PictureException(PictureFault.TooLarge, $"The picture has {bytes} bytes; at most {MaxBytes} are allowed.");
    }

    /// <summary>True for a declared size in pixels that is allowed.</summary>
    internal bool Allow(int width, int height) => width <= MaxDimension && height <= MaxDimension && (long)width * height <= MaxPixels;

    /// <summary>Refuses a declared size in pixels that is not allowed.</summary>
    internal void RequireSize(int width, int height)
    {
        if (width > MaxDimension || height > MaxDimension)
        {
            throw new PictureException(
                PictureFault.TooLarge, $"The picture declares {width}x{height} pixels; at most {MaxDimension} a side are allowed.");
        }

        if ((long)width * height > MaxPixels)
        {
            throw new PictureException(
                PictureFault.TooLarge, $"The picture declares {width}x{height} = {(long)width * height} pixels; at most {MaxPixels} are allowed.");
        }
    }
}
