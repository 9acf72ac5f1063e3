using Serve.Eval;
using Serve.Eval.Formats;
using Serve.Inference.Pictures;
using Serve.Inference.Scenes.Domains;

namespace Serve.Inference.Scenes;

/// <summary>Draws the demo dataset: three domains, several categories, boxes, masks, crowds, sizes over two orders of magnitude.</summary>
/// <remarks>
/// A third of each split's images belongs to each domain: <c>photo</c> (textured ground, light and shadow), <c>street</c> (perspective, from tiny to
/// huge) and <c>line-art</c> (pages in ink, dense and overlapping). Each image's record in the JSON names its <c>domain</c>. Masks and boxes cover what
/// is seen; objects of which more than three quarters are hidden are not annotated.
/// </remarks>
public static class SceneDataset
{
    private const int JpegQuality = 90;

    private static readonly (string Name, string Extension, string MediaType)[] Domains =
        [("photo", "jpg", "image/jpeg"), ("street", "jpg", "image/jpeg"), ("line-art", "png", "image/png")];

    /// <summary>Writes a dataset folder (COCO JSON, train/val/test).</summary>
    /// <remarks>Complete or not at all: see <see cref="NewFolder"/>.</remarks>
    /// <param name="folder">Where to; must not exist, or be empty.</param>
    /// <param name="options">Seed and numbers of images.</param>
    /// <param name="progress">Gets the number of images written so far.</param>
    /// <param name="ct">Stops the drawing; nothing is left behind.</param>
    /// <exception cref="InvalidInputException">The folder holds something, or an option is out of range.</exception>
    public static async Task WriteAsync(string folder, SceneOptions options, IProgress<int>? progress, CancellationToken ct)
    {
        options.Validate();
        await NewFolder.WriteAsync(folder, (partial, stop) => WriteToAsync(partial, options, progress, stop), ct);
    }

    private static async Task WriteToAsync(string folder, SceneOptions options, IProgress<int>? progress, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        var (firstImage, done) = (1, 0);
        var annotation = 1L;
        foreach (var (split, count) in options.Splits)
        {
            Directory.CreateDirectory(Path.Combine(folder, "images", split));
            var images = new SceneImage[count];
            var first = firstImage;
            await Parallel.ForAsync(0, count, ct, async (index, stop) =>
            {
                images[index] = await WriteImageAsync(folder, options.Seed, split, index, first + index, stop);
                progress?.Report(Interlocked.Increment(ref done));
            });

            var path = Path.Combine(folder, "annotations", $"instances_{split}.json");
            annotation = await SceneJson.WriteAsync(path, options.Seed, images, annotation, ct);
            firstImage += count;
        }
    }

    private static async Task<SceneImage> WriteImageAsync(string folder, long seed, string split, int index, int id, CancellationToken ct)
    {
        var (domain, extension, mediaType) = Domains[index % Domains.Length];
        var scene = Draw(domain, seed, id);
        var name = $"{split}/{domain}-{id:D5}.{extension}";
        await File.WriteAllBytesAsync(Path.Combine(folder, "images", name), PictureEncoder.Encode(scene.Picture, mediaType, JpegQuality), ct);
        return new(id, name, domain, scene.Picture.Width, scene.Picture.Height, [.. scene.Objects.Select(o => SceneAnnotation.Of(o, scene.Picture))]);
    }

    /// <summary>Draws one scene: a pure function of its arguments.</summary>
    internal static DrawnScene Draw(string domain, long seed, int image)
    {
        var random = new SplitMix64(seed, image);
        return domain switch
        {
            "photo" => PhotoScene.Draw(ref random),
            "street" => StreetScene.Draw(ref random),
            _ => LineArtScene.Draw(ref random),
        };
    }
}
