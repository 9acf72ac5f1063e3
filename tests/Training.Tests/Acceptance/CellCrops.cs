using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Acceptance;

/// <summary>Blood cells cut out of their pictures and scaled to 32 x 32: three classes, as many of each.</summary>
/// <param name="Images">[N, 3, 32, 32] float32, about -2 to 2.</param>
/// <param name="Labels">[N] int64, 0 to 2.</param>
internal sealed record CellCrops(Tensor Images, Tensor Labels)
{
    public const int Classes = 3;
    private const int Side = 32;

    /// <summary>Cuts the first objects of each category out of a split; skips the test where the dataset is not there.</summary>
    /// <param name="split">train, val or test.</param>
    /// <param name="each">Most of a category.</param>
    /// <param name="ct">Cancels reading the annotations.</param>
    /// <returns>Tensors in the caller's dispose scope.</returns>
    public static async Task<CellCrops> ReadAsync(string split, int each, CancellationToken ct)
    {
        var folder = DatasetFolder.Open(TestFiles.Shared("data/bccd"));
        var dataset = await folder.ReadAsync(split, AnnotationParts.Boxes, ct: ct);
        var files = new PictureFiles(folder);
        var left = dataset.Categories.ToDictionary(category => category.Id, _ => each);
        var labels = dataset.Categories.Select((category, label) => (category.Id, Label: (long)label)).ToDictionary(entry => entry.Id, entry => entry.Label);
        List<Tensor> crops = [];
        List<long> classes = [];
        foreach (var image in dataset.Images)
        {
            var objects = dataset.Of(image.Id).Where(one => left[one.CategoryId]-- > 0 && one.Width >= 2 && one.Height >= 2).ToList();
            if (objects.Count == 0)
                continue;
            var picture = files.Read(image);
            crops.AddRange(objects.Select(one => Cut(picture, one.Box)));
            classes.AddRange(objects.Select(one => labels[one.CategoryId]));
        }

        return new(stack(crops), tensor(classes.ToArray()));
    }

    private static Tensor Cut(Picture picture, Box box)
    {
        using var scope = NewDisposeScope();
        var pixels = tensor(picture.Pixels, [picture.Height, picture.Width, 3]).permute(2, 0, 1).to(float32);
        var (x1, y1) = ((int)Math.Max(box.X1, 0), (int)Math.Max(box.Y1, 0));
        var (x2, y2) = ((int)Math.Min(Math.Ceiling(box.X2), picture.Width), (int)Math.Min(Math.Ceiling(box.Y2), picture.Height));
        var crop = pixels[.., y1..y2, x1..x2].unsqueeze(0);
        var scaled = nn.functional.interpolate(crop, size: [Side, Side], mode: InterpolationMode.Bilinear, align_corners: false);
        return ((scaled.squeeze(0) - 128) / 64).MoveToOuterDisposeScope();
    }
}
