using System.Text.Json;
using Serve.Eval.Datasets;

namespace Serve.Eval.Bench;

/// <summary>A made-up dataset and made-up detections of it, of the proportions of COCO val2017: 7.3 objects an image, one in a hundred a crowd.</summary>
/// <param name="images">Number of images.</param>
/// <param name="categories">Number of categories.</param>
/// <param name="detectionsPerImage">Detections on each image.</param>
/// <param name="seed">The same seed gives the same files.</param>
internal sealed class SyntheticLoad(int images, int categories, int detectionsPerImage, int seed)
{
    private const double ObjectsPerImage = 7.3;
    private const int ImageWidth = 640;
    private const int ImageHeight = 480;

    private readonly Random random = new(seed);
    private readonly List<GroundTruth> objects = [];

    /// <summary>Writes the annotation file and the results file.</summary>
    public async Task WriteAsync(string truthPath, string detectionsPath, CancellationToken ct)
    {
        for (var image = 1; image <= images; image++)
        {
            var count = (int)(2 * ObjectsPerImage * random.NextDouble());
            for (var i = 0; i < count; i++)
                objects.Add(NewObject(image));
        }
        await WriteTruthAsync(truthPath, ct);
        await CocoResults.WriteAsync(detectionsPath, NewDetections(), ct);
    }

    private GroundTruth NewObject(int image)
    {
        // Sizes spread evenly over the scales, as objects do.
        var (width, height) = (Side(ImageWidth), Side(ImageHeight));
        var (x, y) = (Round(random.NextDouble() * (ImageWidth - width)), Round(random.NextDouble() * (ImageHeight - height)));
        return new(objects.Count + 1, image, random.Next(categories) + 1, x, y, width, height, Round(width * height * 0.6), random.Next(100) == 0);
    }

    private DetectionTable NewDetections()
    {
        var table = new DetectionTable(images * detectionsPerImage);
        var next = 0;
        for (var image = 1; image <= images; image++)
        {
            var first = next;
            while (next < objects.Count && objects[next].ImageId == image)
                next++;
            for (var i = 0; i < detectionsPerImage; i++)
                AddDetection(table, image, first, next);
        }
        return table;
    }

    private void AddDetection(DetectionTable table, int image, int firstObject, int end)
    {
        // A third finds an object more or less well, the rest is noise with lower scores.
        var near = firstObject < end && random.Next(3) == 0;
        var seen = near ? objects[random.Next(firstObject, end)] : NewObject(image);
        var noise = near ? 0.15 * random.NextDouble() : 0;
        table.Add(
            image, random.Next(10) == 0 ? random.Next(categories) + 1 : seen.CategoryId,
            Shift(seen.X, seen.Width, noise), Shift(seen.Y, seen.Height, noise), Shift(seen.Width, seen.Width, noise), Shift(seen.Height, seen.Height, noise),
            Math.Round(near ? Math.Sqrt(random.NextDouble()) : random.NextDouble() * random.NextDouble(), 3));
    }

    private async Task WriteTruthAsync(string path, CancellationToken ct)
    {
        await using var stream = File.Create(path);
        await JsonSerializer.SerializeAsync(stream, new
        {
            images = Enumerable.Range(1, images).Select(id => new { id, width = ImageWidth, height = ImageHeight, file_name = $"{id:000000000000}.jpg" }),
            categories = Enumerable.Range(1, categories).Select(id => new { id, name = $"category {id}" }),
            annotations = objects.Select(o => new
            {
                id = o.Id,
                image_id = o.ImageId,
                category_id = o.CategoryId,
                bbox = (double[])[o.X, o.Y, o.Width, o.Height],
                area = o.Area,
                iscrowd = o.IsCrowd ? 1 : 0,
                segmentation = Enumerable.Range(0, 40).Select(i => o.X + i),
            }),
        }, cancellationToken: ct);
    }

    private double Side(int most) => Round(8 * Math.Pow(most / 8.0, random.NextDouble()));

    private double Shift(double value, double by, double noise) => Round(value + (by * noise * ((2 * random.NextDouble()) - 1)));

    private static double Round(double value) => Math.Round(value, 2);
}
