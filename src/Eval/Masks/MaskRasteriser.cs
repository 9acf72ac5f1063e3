namespace Serve.Eval.Masks;

/// <summary>Turns the rows of a <see cref="SegmentationTable"/> into run lengths, as the COCO API does. Not safe for use by several threads.</summary>
public sealed class MaskRasteriser
{
    private readonly PolygonRasteriser polygons = new();
    private readonly RunLengths part = new();
    private RunLengths joined = new();
    private RunLengths spare = new();

    /// <summary>Draws the mask of a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="row">The row.</param>
    /// <param name="imageHeight">Height of the image that the mask lies on, in pixels. Run lengths have a size of their own.</param>
    /// <param name="imageWidth">Width of the image.</param>
    /// <param name="mask">Is filled with the mask: of the image's size for polygons, of its own for run lengths.</param>
    /// <exception cref="InvalidInputException">The row cannot be drawn: see <see cref="SegmentationFaults.Of"/>.</exception>
    public void Draw(SegmentationTable table, int row, int imageHeight, int imageWidth, RunLengths mask)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(mask);
        if (!TryDraw(table, row, imageHeight, imageWidth, mask))
            throw new InvalidInputException($"row {row}: the segmentation {SegmentationFaults.Of(table, row, imageHeight, imageWidth)}.");
    }

    /// <summary>Draws the mask of polygons.</summary>
    /// <param name="list">The polygons, pixels of the image.</param>
    /// <param name="imageHeight">Height of the image that the mask lies on, in pixels.</param>
    /// <param name="imageWidth">Width of the image.</param>
    /// <param name="mask">Is filled with the mask, of the image's size.</param>
    /// <exception cref="InvalidInputException">They cannot be drawn: see <see cref="SegmentationFaults.OfPolygons"/>.</exception>
    public void Draw(PolygonList list, int imageHeight, int imageWidth, RunLengths mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if ((SegmentationFaults.OfPolygons(list) ?? SegmentationFaults.OfImageSize(imageHeight, imageWidth)) is { } fault)
            throw new InvalidInputException($"the segmentation {fault}.");
        DrawSound(list, imageHeight, imageWidth, mask);
    }

    /// <summary>Draws a box (COCO xywh, pixels) as the polygon of its corners, on an image of a size; false when it cannot be drawn.</summary>
    internal bool TryDrawBox(double x, double y, double width, double height, int imageHeight, int imageWidth, RunLengths mask)
    {
        if (SegmentationFaults.OfBox(x, y, width, height, imageHeight, imageWidth) is not null)
            return false;
        polygons.Draw([x, y, x, y + height, x + width, y + height, x + width, y], imageHeight, imageWidth, mask);
        return true;
    }

    /// <summary>Draws the mask of a row; false when it cannot be drawn.</summary>
    internal bool TryDraw(SegmentationTable table, int row, int imageHeight, int imageWidth, RunLengths mask)
    {
        switch (table.KindOf(row))
        {
            case SegmentationKind.None:
                return false;
            case SegmentationKind.Polygons:
                var list = table.PolygonsOf(row);
                if (SegmentationFaults.OfPolygons(list) is not null || SegmentationFaults.OfImageSize(imageHeight, imageWidth) is not null)
                    return false;
                DrawSound(list, imageHeight, imageWidth, mask);
                return true;
            default:
                var (height, width) = table.SizeOf(row);
                return mask.TryRead(table.TextOf(row), height, width);
        }
    }

    private void DrawSound(PolygonList list, int height, int width, RunLengths mask)
    {
        var first = true;
        foreach (var polygon in list)
        {
            polygons.Draw(polygon, height, width, list.Count == 1 ? mask : part);
            if (list.Count == 1)
                return;
            if (first)
                joined.CopyFrom(part);
            else
                Join();
            first = false;
        }
        mask.CopyFrom(joined);
    }

    private void Join()
    {
        MaskSets.Join(joined, part, intersect: false, spare);
        (joined, spare) = (spare, joined);
    }
}
