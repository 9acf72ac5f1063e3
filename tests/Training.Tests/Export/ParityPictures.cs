using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Training.Tests.Export;

/// <summary>What the parity checks of detectors with random weights look at.</summary>
internal static class ParityPictures
{
    /// <summary>A passport of three categories.</summary>
    public static Passport NewPassport(int width, int height) => new()
    {
        Name = "noise",
        Version = 1,
        Input = new InputSpec { Width = width, Height = height },
        Categories = [new Category(1, "a"), new Category(2, "b"), new Category(3, "c")],
    };

    /// <summary>Blobs of colour: neighbouring pixels are alike, as in photographs.</summary>
    public static List<Picture> Make(int count)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var small = new byte[12 * 9 * 3];
            random.NextBytes(small);
            return PictureScaler.Resize(new Picture(12, 9, small), 160 + random.Next(80), 120 + random.Next(80));
        })];
    }
}
