namespace Serve.Inference.Pictures;

/// <summary>A decoded picture, upright (EXIF orientation applied), 8-bit sRGB without alpha.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Pixels">
/// RGB bytes, interleaved, row by row: the first Height x Width x 3 bytes. Exactly so many, unless the memory belongs to a <see cref="RentedPicture"/>.
/// </param>
public sealed record Picture(int Width, int Height, byte[] Pixels)
{
    internal const int Channels = 3;

    /// <summary>Pixels of the encoded picture a side of one of these: 1, or 2, 4, 8 where decoding shrank it.</summary>
    public int Shrink { get; init; } = 1;

    /// <summary>Width of the encoded picture, upright; boxes are in its pixels.</summary>
    public int OriginalWidth { get; init; } = Width;

    /// <summary>Height of the encoded picture, upright; boxes are in its pixels.</summary>
    public int OriginalHeight { get; init; } = Height;

    /// <summary>The bytes that count.</summary>
    internal ReadOnlySpan<byte> Bytes => Pixels.AsSpan(0, Width * Height * Channels);
}
