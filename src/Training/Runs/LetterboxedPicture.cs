using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Training.Runs;

/// <summary>A picture brought to a model's input size, and the way back.</summary>
/// <param name="Pixels">RGB bytes, interleaved, row by row, of the whole input.</param>
/// <param name="Width">Width of the original picture.</param>
/// <param name="Height">Height of the original picture.</param>
/// <param name="ScaleX">Input pixels an original pixel, across.</param>
/// <param name="ScaleY">Input pixels an original pixel, down.</param>
internal sealed record LetterboxedPicture(byte[] Pixels, int Width, int Height, double ScaleX, double ScaleY)
{
    private static readonly PictureLimits Limits = new() { MaxBytes = 1L << 30, MaxDimension = 65_535, MaxPixels = 700_000_000 };

    public static LetterboxedPicture Read(string path, InputSpec input)
    {
        var picture = PictureDecoder.DecodeFile(path, Limits);
        var scale = Math.Min(input.Width / (double)picture.Width, input.Height / (double)picture.Height);
        var width = Math.Max(1, (int)Math.Round(picture.Width * scale));
        var height = Math.Max(1, (int)Math.Round(picture.Height * scale));
        var resized = PictureScaler.Resize(picture, width, height);
        var pixels = new byte[input.Height * input.Width * 3];
        for (var y = 0; y < height; y++)
            resized.Pixels.AsSpan(y * width * 3, width * 3).CopyTo(pixels.AsSpan(y * input.Width * 3));
        return new(pixels, picture.Width, picture.Height, width / (double)picture.Width, height / (double)picture.Height);
    }

    public Box ToOriginal(double x1, double y1, double x2, double y2) => new(
        Math.Clamp(x1 / ScaleX, 0, Width), Math.Clamp(y1 / ScaleY, 0, Height), Math.Clamp(x2 / ScaleX, 0, Width), Math.Clamp(y2 / ScaleY, 0, Height));
}
