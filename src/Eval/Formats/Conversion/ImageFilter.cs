using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Conversion;

/// <summary>Leaves out images that benchmarks do not count: those without objects, and tiny ones.</summary>
public static class ImageFilter
{
    /// <summary>Images with a side below so many pixels are left out.</summary>
    public const int SmallestSide = 32;

    /// <summary>The dataset without such images, and without the objects on them. Sizes that are not known count as large enough.</summary>
    public static Dataset DropEmpty(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var filled = dataset.GroundTruths.Select(found => found.ImageId).ToHashSet();
        var images = dataset.Images.Where(image => filled.Contains(image.Id) && !IsTiny(image.Width) && !IsTiny(image.Height)).ToArray();
        if (images.Length == dataset.Images.Count)
            return dataset;
        var kept = images.Select(image => image.Id).ToHashSet();
        var rows = Enumerable.Range(0, dataset.GroundTruths.Count).Where(row => kept.Contains(dataset.GroundTruths[row].ImageId)).ToArray();
        return new(images, dataset.Categories, [.. rows.Select(row => dataset.GroundTruths[row])], dataset.ContentHash)
        {
            Segmentations = dataset.Segmentations is { } masks ? Rows(masks, rows) : null,
            Keypoints = dataset.Keypoints is { } keypoints ? Rows(keypoints, rows) : null,
        };
    }

    private static bool IsTiny(int side) => side is > 0 and < SmallestSide;

    private static SegmentationTable Rows(SegmentationTable from, int[] rows)
    {
        var table = new SegmentationTable();
        foreach (var row in rows)
        {
            switch (from.KindOf(row))
            {
                case SegmentationKind.None:
                    table.AddNone();
                    break;
                case SegmentationKind.Polygons:
                    var polygons = from.PolygonsOf(row);
                    table.AddPolygons(polygons.Numbers, polygons.Lengths);
                    break;
                default:
                    var (height, width) = from.SizeOf(row);
                    table.AddRunLengths(from.TextOf(row), height, width, from.KindOf(row) is SegmentationKind.List);
                    break;
            }
        }
        return table;
    }

    private static KeypointTable Rows(KeypointTable from, int[] rows)
    {
        var table = new KeypointTable();
        foreach (var row in rows)
        {
            var values = new double[from.CountOf(row) * KeypointTable.Values];
            from.CopyTo(row, values);
            table.Add(values, from.LabelledOf(row));
        }
        return table;
    }
}
