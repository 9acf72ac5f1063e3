using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Bench;

/// <summary>Whether a model finds the same when large pictures are shrunk while they are decoded.</summary>
/// <remarks>
/// A dataset's pictures are mostly not much larger than a model's input, so that nothing would be shrunk: each is enlarged first (bicubic) and encoded again as a JPEG of
/// quality 90, as a camera with more pixels would have taken it.
/// </remarks>
internal static class ShrinkStudy
{
    private const int Quality = 90;

    private static readonly PictureLimits Limits = new() { MaxBytes = 256L << 20, MaxPixels = 400_000_000 };

    /// <summary>Writes a row for each factor: AP of the enlarged pictures, decoded whole and shrunk.</summary>
    public static async Task WriteAsync(TextWriter output, string modelPath, string data, string split, int[] factors, CancellationToken ct)
    {
        await using var model = DetectionModel.Load(modelPath, "cpu");
        var folder = DatasetFolder.Open(data);
        var dataset = await folder.ReadAsync(split, ct);
        await output.WriteLineAsync($"| {model.Passport.Name} on {folder.Name}/{split}, pictures enlarged | shrunk by, pictures | AP whole | AP shrunk | AP50 whole | AP50 shrunk |");
        await output.WriteLineAsync("|--:|---|--:|--:|--:|--:|");
        foreach (var factor in factors)
        {
            var (whole, shrunk) = (new DetectionTable(), new DetectionTable());
            var shrinks = new SortedDictionary<int, int>();
            foreach (var image in dataset.Images)
            {
                var encoded = Enlarged(folder.ImagePath(image), factor);
                await DetectAsync(model, encoded, PictureUse.Whole, dataset, image, whole, ct);
                var shrink = await DetectAsync(model, encoded, PictureUse.For(model.Passport.Input), dataset, image, shrunk, ct);
                shrinks[shrink] = shrinks.GetValueOrDefault(shrink) + 1;
            }

            var (a, b) = (Summary(dataset, whole, ct), Summary(dataset, shrunk, ct));
            await output.WriteLineAsync(
                $"| {factor}x | {string.Join(", ", shrinks.Select(pair => $"{pair.Key}: {pair.Value}"))} | {a.Ap:f4} | {b.Ap:f4} | {a.Ap50:f4} | {b.Ap50:f4} |");
        }
    }

    private static byte[] Enlarged(string path, int factor)
    {
        var picture = PictureDecoder.DecodeFile(path, Limits);
        return PictureEncoder.Encode(PictureScaler.Resize(picture, picture.Width * factor, picture.Height * factor, ResizeFilter.Bicubic), "image/jpeg", Quality);
    }

    private static async Task<int> DetectAsync(
        DetectionModel model, byte[] encoded, PictureUse use, Dataset dataset, ImageEntry image, DetectionTable table, CancellationToken ct)
    {
        var picture = PictureDecoder.Decode(encoded, Limits, use);
        var result = await model.DetectAsync(picture, new DetectionOptions(ScoreThreshold: 0, Background: true), ct);
        var (x, y) = ((double)image.Width / picture.OriginalWidth, (double)image.Height / picture.OriginalHeight);
        foreach (var found in result.Detections)
        {
            if (dataset.Categories.FirstOrDefault(category => category.Name == found.Category.Name) is { } category)
                table.Add(image.Id, category.Id, found.Box.X1 * x, found.Box.Y1 * y, found.Box.Width * x, found.Box.Height * y, found.Score);
        }

        return picture.Shrink;
    }

    private static (double Ap, double Ap50) Summary(Dataset dataset, DetectionTable table, CancellationToken ct)
    {
        var summary = Evaluator.Evaluate(dataset, table, CocoProtocol.BoundingBox, ct: ct).Summary;
        return (summary[0].Value ?? -1, summary[1].Value ?? -1);
    }
}
