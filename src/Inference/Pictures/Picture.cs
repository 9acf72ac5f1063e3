namespace Serve.Inference.Pictures;

/// <summary>A decoded picture, upright (EXIF orientation applied), 8-bit sRGB without alpha.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Pixels">RGB bytes, interleaved, row by row: Height x Width x 3.</param>
public sealed record Picture(int Width, int Height, byte[] Pixels);
